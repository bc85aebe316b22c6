// Which child of the page as it stands is which child of the page as it shall be. A child with a
// key (data-key or id) is the one with the same key, wherever it moved; the others keep their order.

function keyOf(node: Node): string | null {
  if (!(node instanceof Element)) return null;
  return node.getAttribute("data-key") ?? (node.id || null);
}

/** How much speaks for it that both are the same thing; 0: they can't be. */
function likeness(a: Node, b: Node): number {
  if (a.nodeType !== b.nodeType || a.nodeName !== b.nodeName) return 0;
  if (a.isEqualNode(b)) return 4;
  if (!(a instanceof Element) || !(b instanceof Element)) return 1;
  return a.className === b.className ? 2 : 1;
}

/** More pairs than this are not weighed: then the first that may be the same is taken. */
const mostWeighed = 100_000;

function inOrder(olds: readonly Node[], fresh: readonly Node[], found: Map<Node, Node>): void {
  let place = 0;
  for (const node of fresh) {
    const match = olds.findIndex((old, i) => i >= place && likeness(old, node) > 0);
    if (match < 0) continue;
    found.set(node, olds[match]!);
    place = match + 1;
  }
}

/** The pairing, in order, for which most speaks (a longest common subsequence with weights). */
function byWeight(olds: readonly Node[], fresh: readonly Node[], found: Map<Node, Node>): void {
  const width = fresh.length + 1;
  const best = new Uint32Array((olds.length + 1) * width);
  const at = (i: number, j: number) => best[i * width + j]!;
  const weights = olds.map((old) => fresh.map((node) => likeness(old, node)));
  for (let i = olds.length - 1; i >= 0; --i) {
    for (let j = fresh.length - 1; j >= 0; --j) {
      const weight = weights[i]![j]!;
      const paired = weight > 0 ? weight + at(i + 1, j + 1) : 0;
      best[i * width + j] = Math.max(paired, at(i + 1, j), at(i, j + 1));
    }
  }
  for (let i = 0, j = 0; i < olds.length && j < fresh.length;) {
    const weight = weights[i]![j]!;
    if (weight > 0 && at(i, j) === weight + at(i + 1, j + 1)) found.set(fresh[j++]!, olds[i++]!);
    else if (at(i, j) === at(i + 1, j)) ++i;
    else ++j;
  }
}

function pairUnkeyed(olds: Node[], fresh: Node[], found: Map<Node, Node>): void {
  while (olds.length > 0 && fresh.length > 0 && olds[0]!.isEqualNode(fresh[0]!)) {
    found.set(fresh.shift()!, olds.shift()!);
  }
  while (olds.length > 0 && fresh.length > 0 && olds.at(-1)!.isEqualNode(fresh.at(-1)!)) {
    found.set(fresh.pop()!, olds.pop()!);
  }
  const pair = olds.length * fresh.length > mostWeighed ? inOrder : byWeight;
  pair(olds, fresh, found);
}

/** From each of `fresh` that has a counterpart among `olds` to that. */
export function pairs(olds: readonly Node[], fresh: readonly Node[]): Map<Node, Node> {
  const found = new Map<Node, Node>();
  const keyed = new Map<string, Node>();
  const nameOf = (node: Node) => `${node.nodeName} ${keyOf(node)}`;
  for (const node of olds) {
    if (keyOf(node) !== null && !keyed.has(nameOf(node))) keyed.set(nameOf(node), node);
  }
  for (const node of fresh) {
    if (keyOf(node) === null) continue;
    const match = keyed.get(nameOf(node));
    if (match === undefined) continue;
    found.set(node, match);
    keyed.delete(nameOf(node));
  }
  const plain = (node: Node) => keyOf(node) === null;
  pairUnkeyed(olds.filter(plain), fresh.filter(plain), found);
  return found;
}
