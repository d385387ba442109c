// Where the address of a link and the words for a picture are typed.
import { isLink } from "./nodes.js";

export const LINK_HINT = "Liên kết";

let number = 0;

function field(label, hint) {
  number += 1;
  const box = document.createElement("div");
  box.className = "editor-panel";
  box.hidden = true;
  const name = document.createElement("label");
  name.htmlFor = `o-soan-${number}`;
  name.textContent = label;
  const input = document.createElement("input");
  Object.assign(input, { id: `o-soan-${number}`, className: "form-control", type: "text", autocomplete: "off" });
  if (hint) input.placeholder = hint;
  const said = document.createElement("p");
  said.className = "field-error";
  said.setAttribute("role", "status");
  const keys = document.createElement("div");
  keys.className = "editor-group";
  box.append(name, input, keys, said);
  return { box, input, keys, said };
}

function key(text, act) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "btn btn-sm btn-quiet", textContent: text });
  button.addEventListener("click", act);
  return button;
}

// An address without `https://` in front is still an address.
function address(typed) {
  const text = typed.trim();
  if (text === "" || isLink(text)) return text;
  if (/^[^\s/@]+@[^\s/@]+\.[^\s/@]+$/.test(text)) return `mailto:${text}`;
  return /^[^\s:]+\.[^\s:]{2,}/.test(text) ? `https://${text}` : null;
}

export function linkPanel(editor, place) {
  const { box, input, keys, said } = field("Địa chỉ liên kết", "https://… hoặc /van-ban");
  input.inputMode = "url";
  const close = () => { box.hidden = true; said.textContent = ""; editor.commands.focus(); };
  const set = () => {
    const href = address(input.value);
    if (href === null) { said.textContent = "Địa chỉ chưa đúng. Ví dụ: https://quangngai.gov.vn"; input.focus(); return; }
    const chain = editor.chain().focus().extendMarkRange("link");
    if (href === "") chain.unsetMark("link").run();
    else if (editor.state.selection.empty && !editor.isActive("link")) chain.insertContent({ type: "text", text: input.value.trim(), marks: [{ type: "link", attrs: { href } }] }).run();
    else chain.setMark("link", { href }).run();
    close();
  };
  keys.append(key("Đặt liên kết", set), key("Bỏ liên kết", () => { editor.chain().focus().extendMarkRange("link").unsetMark("link").run(); close(); }), key("Thôi", close));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); set(); }
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); }
  });
  place.append(box);
  return { open() { input.value = editor.getAttributes("link").href ?? ""; box.hidden = false; input.focus(); input.select(); } };
}

export function picturePanel(editor, place) {
  const { box, input, keys } = field("Ảnh này cho thấy gì? (đọc cho người không nhìn thấy ảnh)", "Ví dụ: Người dân vác bao cát gia cố bờ kè");
  input.maxLength = 300;
  const write = () => {
    const at = figureAt(editor);
    if (at && at.node.attrs.alt !== input.value) editor.view.dispatch(editor.state.tr.setNodeAttribute(at.pos, "alt", input.value.normalize("NFC")));
  };
  input.addEventListener("input", (event) => { if (!event.isComposing) write(); });
  input.addEventListener("compositionend", write);
  input.addEventListener("change", write);
  input.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" && !event.isComposing) || event.key === "Escape") { event.preventDefault(); event.stopPropagation(); write(); editor.commands.focus(); }
  });
  keys.append(key("Bỏ ảnh này", () => { const at = figureAt(editor); if (at) editor.chain().focus().deleteRange({ from: at.pos, to: at.pos + at.node.nodeSize }).run(); }));
  place.append(box);
  let shown = null;
  return {
    update() {
      const at = figureAt(editor);
      box.hidden = !at;
      if (at && (at.pos !== shown || document.activeElement !== input)) input.value = at.node.attrs.alt;
      shown = at?.pos ?? null;
    },
    open() { if (!box.hidden) { input.focus(); box.scrollIntoView({ block: "center" }); } },
  };
}

// All pictures of the text, each with the words it still needs: one field a picture, without looking for it first.
export function pictureList(editor) {
  const box = document.createElement("fieldset");
  box.className = "editor-pictures";
  const title = document.createElement("legend");
  title.textContent = "Ảnh trong bài";
  const list = document.createElement("ol");
  list.className = "plain-list";
  box.append(title, list);
  const pictures = () => {
    const found = [];
    editor.state.doc.descendants((node, pos) => { if (node.type.name === "figure") found.push({ node, pos }); });
    return found;
  };
  const add = (place) => {
    const row = document.createElement("li");
    const shown = document.createElement("img");
    shown.alt = "";
    const words = document.createElement("div");
    const name = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { id: `anh-trong-bai-${place + 1}`, className: "form-control", type: "text", maxLength: 300, autocomplete: "off" });
    name.htmlFor = input.id;
    name.textContent = `Ảnh ${place + 1} cho thấy gì?`;
    const write = () => {
      const at = pictures()[place];
      const alt = input.value.normalize("NFC");
      if (at && at.node.attrs.alt !== alt) editor.view.dispatch(editor.state.tr.setNodeAttribute(at.pos, "alt", alt));
    };
    input.addEventListener("input", (event) => { if (!event.isComposing) write(); });
    input.addEventListener("compositionend", write);
    // Enter would send the form.
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    words.append(name, input);
    row.append(shown, words);
    list.append(row);
  };
  const update = () => {
    const found = pictures();
    box.hidden = found.length === 0;
    while (list.children.length > found.length) list.lastElementChild.remove();
    while (list.children.length < found.length) add(list.children.length);
    found.forEach(({ node }, place) => {
      const [shown, input] = list.children[place].querySelectorAll("img, input");
      if (shown.getAttribute("src") !== node.attrs.src) shown.src = node.attrs.src;
      // Whoever is typing keeps what they typed.
      if (document.activeElement !== input) input.value = node.attrs.alt;
    });
  };
  editor.on("update", update);
  update();
  return box;
}

// The picture the cursor is at.
function figureAt(editor) {
  const { selection } = editor.state;
  if (selection.node?.type.name === "figure") return { node: selection.node, pos: selection.from };
  const { $from } = selection;
  return $from.parent.type.name === "figure" ? { node: $from.parent, pos: $from.before() } : null;
}
