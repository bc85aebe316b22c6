// Makes one element like another with as few changes as possible, so that focus, selection,
// scroll positions and what a screen reader is at all survive an update.

/** Where two children count as the same thing although they moved. */
function keyOf(node: Node): string | null {
  if (!(node instanceof Element)) return null;
  return node.getAttribute("data-key") ?? (node.id || null);
}

function alike(a: Node, b: Node): boolean {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

function morphAttributes(from: Element, to: Element): void {
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name)) from.removeAttribute(name);
  }
  for (const { name, value } of [...to.attributes]) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
}

/** The child from `start` on that stands for `wanted`; a keyed one may lie further on. */
function counterpart(start: Node | null, wanted: Node): Node | null {
  if (start !== null && alike(start, wanted)) return start;
  if (keyOf(wanted) === null) return null;
  for (let node = start; node !== null; node = node.nextSibling) {
    if (alike(node, wanted)) return node;
  }
  return null;
}

function morphChildren(from: Element, to: Element): void {
  let place: Node | null = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const match = counterpart(place, wanted);
    if (match === null) {
      from.insertBefore(wanted, place);
      continue;
    }
    if (match !== place) from.insertBefore(match, place);
    else place = match.nextSibling;
    morph(match, wanted);
  }
  while (place !== null) {
    const next: Node | null = place.nextSibling;
    place.parentNode?.removeChild(place);
    place = next;
  }
}

export function morph(from: Node, to: Node): void {
  if (from.isEqualNode(to)) return;
  if (from instanceof Element && to instanceof Element) {
    morphAttributes(from, to);
    morphChildren(from, to);
  } else if (from.nodeValue !== to.nodeValue) {
    from.nodeValue = to.nodeValue;
  }
}
