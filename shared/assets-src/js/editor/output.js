// What the form sends: the text as markup of the allow-list, in its shortest form.
import { DOMSerializer } from "@tiptap/pm/model";
import { isFreshPicture } from "./nodes.js";

const isBlank = (element) => !element.querySelector("img, hr, table") && element.textContent.trim() === "";
const all = (root, selector) => Array.from(root.querySelectorAll(selector));

export function markup(editor) {
  const box = document.createElement("div");
  box.append(DOMSerializer.fromSchema(editor.schema).serializeFragment(editor.state.doc.content));
  // Pictures still on their way are not there yet.
  all(box, "figure").forEach((figure) => { if (isFreshPicture(figure.querySelector("img").getAttribute("src"))) figure.remove(); });
  all(box, "figcaption").forEach((caption) => { if (isBlank(caption)) caption.remove(); });
  // One paragraph in an item or a cell needs no mark of its own.
  all(box, "li, td, th").forEach((around) => {
    const paragraphs = Array.from(around.children).filter((child) => child.tagName === "P");
    const first = around.firstElementChild;
    const isPlain = paragraphs.length === 1 && first === paragraphs[0] && first.attributes.length === 0;
    if (isPlain && (around.children.length === 1 || around.tagName === "LI")) first.replaceWith(...first.childNodes);
  });
  all(box, "p, h2, h3, h4, blockquote").forEach((block) => { if (isBlank(block)) block.remove(); });
  // Keyboards leave a blank after each word; nobody sees the last one of a block.
  all(box, "p, h2, h3, h4, li, td, th, figcaption").forEach(trimEnd);
  all(box, "table").forEach(headings);
  return box.innerHTML.normalize("NFC");
}

function trimEnd(block) {
  let last = block.lastChild;
  while (last?.lastChild) last = last.lastChild;
  if (last?.nodeType === Node.TEXT_NODE) last.data = last.data.replace(/[ \t\r\n\u00a0]+$/, "");
}

// A first row of headings heads the table; others head their rows.
function headings(table) {
  const body = table.tBodies[0];
  const row = body?.rows[0];
  if (!row) return;
  const isHead = Array.from(row.cells).every((cell) => cell.tagName === "TH");
  if (isHead && body.rows.length > 1) table.createTHead().append(row);
  all(table, "th").forEach((cell) => cell.setAttribute("scope", isHead && cell.parentElement === row ? "col" : "row"));
}

// Letters as a reader counts them.
export const letters = (editor) => Array.from(editor.state.doc.textBetween(0, editor.state.doc.content.size, " ").normalize("NFC").trim()).length;
