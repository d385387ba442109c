// The buttons above a text. Each has a name, a state and, where there is one, its keys.
import { LINK_HINT, linkPanel, picturePanel } from "./panels.js";

const icon = (name) => `<svg class="icon" aria-hidden="true"><use href="#i-${name}"/></svg>`;

const isIn = (name, attributes) => (editor) => editor.isActive(name, attributes);
const run = (step) => (editor) => step(editor.chain().focus()).run();

const MARKS = [
  { icon: "bold", name: "Đậm", keys: "Ctrl+B", on: isIn("strong"), do: run((c) => c.toggleMark("strong")) },
  { icon: "italic", name: "Nghiêng", keys: "Ctrl+I", on: isIn("em"), do: run((c) => c.toggleMark("em")) },
  { icon: "underline", name: "Gạch chân", keys: "Ctrl+U", on: isIn("u"), do: run((c) => c.toggleMark("u")) },
  { icon: "strikethrough", name: "Gạch ngang", keys: "Ctrl+Shift+X", on: isIn("s"), do: run((c) => c.toggleMark("s")) },
  { icon: "superscript", name: "Chỉ số trên", keys: "Ctrl+.", on: isIn("sup"), do: run((c) => c.unsetMark("sub").toggleMark("sup")) },
  { icon: "subscript", name: "Chỉ số dưới", keys: "Ctrl+,", on: isIn("sub"), do: run((c) => c.unsetMark("sup").toggleMark("sub")) },
  { icon: "clear-formatting", name: "Bỏ định dạng", do: run((c) => c.unsetAllMarks().clearNodes()) },
];

const BLOCKS = [
  { icon: "list", name: "Danh sách", keys: "Ctrl+Shift+8", on: isIn("bulletList"), do: run((c) => c.toggleBulletList()) },
  { icon: "list-numbers", name: "Danh sách đánh số", keys: "Ctrl+Shift+7", on: isIn("orderedList"), do: run((c) => c.toggleOrderedList()) },
  { icon: "indent-increase", name: "Vào một bậc", keys: "Tab", can: (e) => e.can().sinkListItem("listItem"), do: run((c) => c.sinkListItem("listItem")) },
  { icon: "indent-decrease", name: "Ra một bậc", keys: "Shift+Tab", can: (e) => e.can().liftListItem("listItem"), do: run((c) => c.liftListItem("listItem")) },
  { icon: "blockquote", name: "Trích dẫn", keys: "Ctrl+Shift+B", on: isIn("blockquote"), do: run((c) => c.toggleWrap("blockquote")) },
];

const STEPS = [
  { icon: "arrow-back-up", name: "Hoàn tác", keys: "Ctrl+Z", can: (e) => e.can().undo(), do: run((c) => c.undo()) },
  { icon: "arrow-forward-up", name: "Làm lại", keys: "Ctrl+Y", can: (e) => e.can().redo(), do: run((c) => c.redo()) },
];

const TABLE = [
  ["Thêm hàng", (c) => c.addRowAfter()],
  ["Thêm cột", (c) => c.addColumnAfter()],
  ["Xóa hàng", (c) => c.deleteRow()],
  ["Xóa cột", (c) => c.deleteColumn()],
  ["Gộp hoặc tách ô", (c) => c.mergeOrSplit()],
  ["Hàng đầu là tiêu đề", (c) => c.toggleHeaderRow()],
  ["Xóa bảng", (c) => c.deleteTable()],
];

const STYLES = [["p", "Đoạn văn"], ["2", "Tiêu đề mục"], ["3", "Tiêu đề mục nhỏ"], ["4", "Tiêu đề ý"]];
const SETTINGS = [["", "Căn trái"], ["can-giua", "Căn giữa"], ["can-phai", "Căn phải"], ["can-deu", "Căn đều"]];
const SET_BLOCKS = ["paragraph", "heading"];
const SPOKEN_BLOCKS = [...SET_BLOCKS, "figure"];

export function toolbar(editor, { languages, addPictures, id }) {
  const bar = document.createElement("div");
  bar.className = "editor-bar";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Định dạng nội dung");
  bar.setAttribute("aria-controls", id);
  const watchers = [];

  const group = () => { const box = document.createElement("div"); box.className = "editor-group"; bar.append(box); return box; };
  const button = (box, told) => {
    const key = document.createElement("button");
    key.type = "button";
    key.className = told.icon ? "editor-key" : "editor-key is-word";
    key.innerHTML = told.icon ? icon(told.icon) : "";
    if (told.icon) { key.setAttribute("aria-label", told.name); key.title = told.keys ? `${told.name} (${told.keys})` : told.name; } else key.textContent = told.name;
    if (told.keys) key.setAttribute("aria-keyshortcuts", told.keys.replace("Ctrl", "Control"));
    // The text keeps its selection.
    key.addEventListener("mousedown", (event) => event.preventDefault());
    key.addEventListener("click", () => told.do(editor, key));
    box.append(key);
    if (told.on) watchers.push(() => key.setAttribute("aria-pressed", String(told.on(editor))));
    // Not `disabled`: whoever pressed the last step back keeps the focus.
    if (told.can) watchers.push(() => key.setAttribute("aria-disabled", String(!told.can(editor))));
    return key;
  };
  const list = (box, name, choices, now, choose) => {
    const select = document.createElement("select");
    select.className = "editor-list";
    select.setAttribute("aria-label", name);
    select.title = name;
    choices.forEach(([value, label]) => select.append(new Option(label, value)));
    select.addEventListener("change", () => choose(select.value));
    box.append(select);
    watchers.push(() => { if (document.activeElement !== select) select.value = now(); });
  };

  list(group(), "Kiểu đoạn", STYLES, () => (editor.isActive("heading") ? String(editor.getAttributes("heading").level) : "p"), (value) => {
    const chain = editor.chain().focus();
    (value === "p" ? chain.setNode("paragraph") : chain.setNode("heading", { level: Number(value) })).run();
  });
  const marks = group();
  MARKS.forEach((told) => button(marks, told));
  const blocks = group();
  BLOCKS.forEach((told) => button(blocks, told));
  const inserts = group();
  const panels = document.createElement("div");
  const link = linkPanel(editor, panels);
  button(inserts, { icon: "link", name: LINK_HINT, keys: "Ctrl+K", on: isIn("link"), do: () => link.open() });
  const chooser = document.createElement("input");
  Object.assign(chooser, { type: "file", accept: "image/jpeg,image/png,image/webp,image/gif", multiple: true, hidden: true });
  chooser.addEventListener("change", () => { addPictures(Array.from(chooser.files)); chooser.value = ""; });
  // A file field without a name is not sent with the form.
  bar.append(chooser);
  button(inserts, { icon: "photo-plus", name: "Thêm ảnh", do: () => chooser.click() });
  button(inserts, { icon: "table-plus", name: "Thêm bảng", do: run((c) => c.insertTable({ rows: 3, cols: 3, withHeaderRow: true })) });
  button(inserts, { icon: "separator-horizontal", name: "Đường kẻ", do: run((c) => c.insertContent({ type: "horizontalRule" })) });
  const settings = group();
  list(settings, "Căn lề", SETTINGS, () => current(editor, SET_BLOCKS, "setting"), (value) => setAll(editor, SET_BLOCKS, { setting: value || null }));
  list(settings, "Ngôn ngữ của đoạn", [["", "Ngôn ngữ của bài"], ...languages], () => current(editor, SPOKEN_BLOCKS, "lang"), (value) => setAll(editor, SPOKEN_BLOCKS, { lang: value || null }));
  const steps = group();
  STEPS.forEach((told) => button(steps, told));

  const tables = document.createElement("div");
  tables.className = "editor-group editor-more";
  tables.setAttribute("role", "group");
  tables.setAttribute("aria-label", "Bảng");
  TABLE.forEach(([name, step]) => button(tables, { name, do: run(step) }));
  watchers.push(() => { tables.hidden = !editor.isActive("table"); });
  const picture = picturePanel(editor, panels);
  watchers.push(picture.update);
  panels.prepend(tables);

  const update = () => { if (!editor.view.composing) watchers.forEach((watch) => watch()); };
  editor.on("transaction", update);
  update();
  bar.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); editor.commands.focus(); } });
  // Leads to where the picture with this number is described.
  const describe = (number) => {
    const found = [];
    editor.state.doc.descendants((node, pos) => { if (node.type.name === "figure") found.push(pos); });
    if (found[number - 1] === undefined) return;
    editor.commands.setNodeSelection(found[number - 1]);
    picture.open();
  };
  return { bar, panels, openLink: link.open, describe };
}

// The attribute of the block the cursor is in.
function current(editor, names, attribute) {
  const { $from } = editor.state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) if (names.includes($from.node(depth).type.name)) return $from.node(depth).attrs[attribute] ?? "";
  return "";
}

function setAll(editor, names, attributes) {
  const chain = editor.chain().focus();
  names.forEach((name) => chain.updateAttributes(name, attributes));
  chain.run();
}
