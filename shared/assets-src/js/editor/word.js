// What comes from Word, or from any page, on its way into a text: headings, lists, tables, bold and links
// stay; fonts, colours, comments and all that runs go.
import schema from "./schema.json";
import { isFreshPicture, isLink, isOwnPicture } from "./nodes.js";

const GONE = "script, style, template, title, noscript, iframe, object, embed, svg, math, video, audio, canvas, form > input, input, button, select, textarea, meta, link, base, head, xml, [data-style*='mso-element:comment'], .MsoCommentReference, .MsoCommentText";
const BLOCKS = ["P", "H1", "H2", "H3", "H4", "H5", "H6", "UL", "OL", "LI", "BLOCKQUOTE", "TABLE", "THEAD", "TBODY", "TFOOT", "TR", "TH", "TD", "FIGURE", "FIGCAPTION", "HR", "DIV", "SECTION", "ARTICLE", "HEADER", "FOOTER", "MAIN", "CENTER", "PRE", "DL", "DT", "DD", "ADDRESS"];
const RENAMED = { B: "strong", I: "em", DEL: "s", STRIKE: "s", H1: "h2", H5: "h4", H6: "h4", PRE: "p", DT: "p", DD: "p", ADDRESS: "p", CENTER: "p" };

const all = (root, selector) => Array.from(root.querySelectorAll(selector));
const style = (element, name) => new RegExp(`(?:^|;)\\s*${name}\\s*:\\s*([^;]+)`, "i").exec(element.getAttribute("data-style") ?? "")?.[1].trim().toLowerCase() ?? "";
const unwrap = (element) => element.replaceWith(...element.childNodes);
const hasBlocks = (element) => Array.from(element.children).some((child) => BLOCKS.includes(child.tagName) || hasBlocks(child));

function rename(element, name) {
  const other = element.ownerDocument.createElement(name);
  Array.from(element.attributes).forEach(({ name: key, value }) => { if (/^[a-z-]+$/.test(key)) other.setAttribute(key, value); });
  other.append(...element.childNodes);
  element.replaceWith(other);
  return other;
}

function wrap(element, name) {
  const other = element.ownerDocument.createElement(name);
  other.append(...element.childNodes);
  element.append(other);
}

// Styles and handlers under names that do nothing: a page that is only looked at still reports them to the
// policy, and handlers to whoever reads the console.
export const hush = (html) => html.replace(/<style\b[^]*?<\/style\s*>/gi, "").replace(/<[a-z](?:[^>"']|"[^"]*"|'[^']*')*>/gi, (tag) => tag.replace(/([\s"'/])(style|on[a-z]+)(\s*=)/gi, "$1data-$2$3"));

// Answers {html, dropped}: the clean markup, and how many pictures had to stay behind.
export function clean(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const body = page.body;
  removeComments(page, body);
  all(body, GONE).forEach((element) => element.remove());
  // Names with a colon are Word's own: empty ones are marks, others hold text.
  all(body, "*").forEach((element) => { if (element.tagName.includes(":")) unwrap(element); });
  all(body, "[data-style]").forEach((element) => { if (style(element, "display") === "none" || style(element, "mso-hide") === "all") element.remove(); });
  all(body, "p, div").forEach(asHeading);
  lists(body);
  all(body, "[data-style*='mso-list']").forEach((mark) => { if (style(mark, "mso-list") === "ignore") mark.remove(); });
  all(body, "[data-style]").forEach(looks);
  const dropped = pictures(body);
  all(body, "a").forEach((a) => { if (!isLink(a.getAttribute("href")) || a.getAttribute("href").startsWith("#")) unwrap(a); });
  all(body, "*").forEach(settle);
  all(body, "p").forEach((p) => { if (!p.querySelector("img") && p.textContent.trim() === "") p.remove(); });
  return { html: body.innerHTML.normalize("NFC"), dropped };
}

function removeComments(page, body) {
  const walker = page.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  const comments = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  comments.forEach((comment) => comment.remove());
}

function asHeading(block) {
  if (/\bMsoTitle\b/.test(block.className)) { rename(block, "h2"); return; }
  const level = parseInt(style(block, "mso-outline-level"), 10) || parseInt(/\bMsoHeading(\d)/.exec(block.className)?.[1], 10);
  if (level >= 1 && level <= 9) rename(block, `h${Math.min(level + 1, 4)}`);
}

// Word writes the items of lists as paragraphs that say their level.
function lists(body) {
  const item = (element) => {
    if (!element || !/^(P|DIV|H[1-6])$/.test(element.tagName)) return null;
    const told = /l(\d+)\s+level(\d+)/.exec(style(element, "mso-list"));
    return told ? { list: told[1], level: Math.min(Number(told[2]), 9) } : null;
  };
  all(body, "[data-style*='mso-list']").forEach((first) => {
    if (!first.isConnected || !item(first)) return;
    const open = [];
    const place = body.ownerDocument.createElement("div");
    first.before(place);
    let next = first;
    while (item(next)) {
      const paragraph = next;
      next = paragraph.nextElementSibling;
      const level = Math.min(item(paragraph).level, open.length + 1);
      const sign = mark(paragraph);
      const name = sign.ordered ? "ol" : "ul";
      while (open.length > level) open.pop();
      if (open.length === level && open[level - 1].tagName.toLowerCase() !== name) open.pop();
      if (open.length < level) {
        const list = body.ownerDocument.createElement(name);
        if (sign.start > 1) list.setAttribute("start", sign.start);
        (open.length ? open[open.length - 1].lastElementChild : place).append(list);
        open.push(list);
      }
      const li = body.ownerDocument.createElement("li");
      li.append(...paragraph.childNodes);
      open[open.length - 1].append(li);
      paragraph.remove();
    }
    unwrap(place);
  });
}

// The sign before an item says which kind of list it is.
function mark(paragraph) {
  const sign = all(paragraph, "[data-style*='mso-list']").find((element) => style(element, "mso-list") === "ignore");
  const text = (sign?.textContent ?? "").trim();
  sign?.remove();
  const ordered = /^\(?(\d+|[a-zđ]|[ivxlc]+)([.)]\d*)+$/i.test(text);
  return { ordered, start: ordered ? parseInt(/\d+/.exec(text)?.[0], 10) || 1 : 1 };
}

function looks(element) {
  const weight = style(element, "font-weight");
  const isBold = /^(bold|bolder|[6-9]00)$/.test(weight);
  if (/^(B|STRONG)$/.test(element.tagName) && /^(normal|[1-4]00)$/.test(weight)) { unwrap(element); return; }
  if (/^(SPAN|FONT)$/.test(element.tagName)) {
    if (isBold) wrap(element, "strong");
    if (style(element, "font-style") === "italic") wrap(element, "em");
    if (/underline/.test(style(element, "text-decoration"))) wrap(element, "u");
    if (/line-through/.test(style(element, "text-decoration"))) wrap(element, "s");
    if (style(element, "vertical-align") === "super") wrap(element, "sup");
    if (style(element, "vertical-align") === "sub") wrap(element, "sub");
  }
  const setting = { center: "can-giua", right: "can-phai", end: "can-phai" }[style(element, "text-align")];
  if (/^(P|H[1-6])$/.test(element.tagName)) element.dataset.setting = setting ?? "";
}

// Own pictures and those that came along stay; others belong to somebody else.
function pictures(body) {
  let dropped = 0;
  all(body, "img").forEach((img) => {
    const src = img.getAttribute("src") ?? "";
    const own = src.startsWith(`${window.location.origin}/`) ? src.slice(window.location.origin.length) : src;
    if (isOwnPicture(own) || isFreshPicture(own)) img.setAttribute("src", own);
    else { img.remove(); dropped += 1; }
  });
  return dropped;
}

function settle(element) {
  if (!element.isConnected) return;
  const name = RENAMED[element.tagName] ?? element.tagName.toLowerCase();
  if (!schema.elements.includes(name)) {
    if (BLOCKS.includes(element.tagName) && !hasBlocks(element) && !element.closest("li, td, th, p, figcaption")) strip(rename(element, "p"), []);
    else unwrap(element);
    return;
  }
  const kept = name === element.tagName.toLowerCase() ? element : rename(element, name);
  const setting = kept.dataset.setting || schema.classes.find((one) => kept.classList.contains(one));
  strip(kept, schema.attributes[name] ?? []);
  if (setting && schema.set_elements.includes(name)) kept.className = setting;
}

function strip(element, allowed) {
  Array.from(element.attributes).forEach(({ name }) => { if (!allowed.includes(name)) element.removeAttribute(name); });
}
