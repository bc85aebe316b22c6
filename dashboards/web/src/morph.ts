// Makes one element like another with as few changes as possible. What a reader has made of the
// page survives: an open <details>, the focus, a selection, typed text, and where they scrolled to.

import { pairs } from "./pairs.js";

function morphAttributes(from: Element, to: Element): void {
  // Whether a <details> is open is its reader's business from the moment on that it stands there.
  const theirs = from instanceof HTMLDetailsElement ? "open" : "";
  for (const { name } of [...from.attributes]) {
    if (name !== theirs && !to.hasAttribute(name)) from.removeAttribute(name);
  }
  for (const { name, value } of [...to.attributes]) {
    if (name !== theirs && from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
}

/** Puts `children` in this order. A node that moves loses the focus in it, so that one stays. */
function arrange(parent: Element, children: readonly Node[]): void {
  const held = children.findIndex((child) => child.contains(document.activeElement));
  for (let i = held - 1; i >= 0; --i) {
    const next = children[i + 1]!;
    if (children[i]!.nextSibling !== next) parent.insertBefore(children[i]!, next);
  }
  let place = held < 0 ? parent.firstChild : children[held]!;
  for (const node of children.slice(Math.max(held, 0))) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
}

function morphChildren(from: Element, to: Element): void {
  const wanted = [...to.childNodes];
  const partner = pairs([...from.childNodes], wanted);
  const kept = new Set(partner.values());
  for (const node of [...from.childNodes]) {
    if (!kept.has(node)) node.remove();
  }
  arrange(from, wanted.map((node) => partner.get(node) ?? node));
  for (const [fresh, old] of partner) morphNode(old, fresh);
}

function morphNode(from: Node, to: Node): void {
  if (from.isEqualNode(to)) return;
  if (from instanceof Element && to instanceof Element) {
    morphAttributes(from, to);
    morphChildren(from, to);
  } else if (from.nodeValue !== to.nodeValue) {
    from.nodeValue = to.nodeValue;
  }
}

function clamped(node: Node, offset: number): number {
  const most = node instanceof CharacterData ? node.length : node.childNodes.length;
  return Math.min(offset, most);
}

/** Runs `work`; a selection then has the ends that it had, wherever their nodes are now. */
function keepingSelection(work: () => void): void {
  const selection = document.getSelection();
  const { anchorNode, anchorOffset = 0, focusNode, focusOffset = 0 } = selection ?? {};
  work();
  if (!selection || !anchorNode?.isConnected || !focusNode?.isConnected) return;
  const same = selection.anchorNode === anchorNode && selection.anchorOffset === anchorOffset &&
    selection.focusNode === focusNode && selection.focusOffset === focusOffset;
  if (same) return;
  selection.setBaseAndExtent(anchorNode, clamped(anchorNode, anchorOffset),
    focusNode, clamped(focusNode, focusOffset));
}

export function morph(from: Element, to: Element): void {
  keepingSelection(() => morphNode(from, to));
}
