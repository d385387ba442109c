// What a text may be made of: the mirror of the server's allow-list (schema.json says it to both).
import { Extension, Mark, Node, mergeAttributes } from "@tiptap/core";
import { BulletList, ListItem, OrderedList } from "@tiptap/extension-list";
import { Table, TableCell, TableHeader, TableRow } from "@tiptap/extension-table";
import { Gapcursor, Placeholder, UndoRedo } from "@tiptap/extensions";
import schema from "./schema.json";

const OWN_PICTURE = /^\/media\/sha256\/[0-9a-f]{64}$/;
const FRESH_PICTURE = /^data:image\/(png|jpeg|gif|webp);base64,/;
const LINK = /^(https?:\/\/|mailto:|tel:|#|\/(?![/\\]))/i;

export const isOwnPicture = (src) => OWN_PICTURE.test(src ?? "");
export const isFreshPicture = (src) => FRESH_PICTURE.test(src ?? "");
export const isLink = (href) => LINK.test(href ?? "");

const Doc = Node.create({ name: "doc", topNode: true, content: "block+" });
const Text = Node.create({ name: "text", group: "inline" });

const Paragraph = Node.create({
  name: "paragraph",
  priority: 1000,
  group: "block",
  content: "inline*",
  parseHTML: () => [{ tag: "p" }],
  renderHTML: ({ HTMLAttributes }) => ["p", HTMLAttributes, 0],
  addKeyboardShortcuts() { return { "Mod-Alt-0": () => this.editor.commands.setNode("paragraph") }; },
});

const Heading = Node.create({
  name: "heading",
  group: "block",
  content: "inline*",
  defining: true,
  addAttributes: () => ({ level: { default: 2, rendered: false } }),
  // The page's own title is the only h1.
  parseHTML: () => [["h1", 2], ["h2", 2], ["h3", 3], ["h4", 4], ["h5", 4], ["h6", 4]].map(([tag, level]) => ({ tag, attrs: { level } })),
  renderHTML: ({ node, HTMLAttributes }) => [`h${node.attrs.level}`, HTMLAttributes, 0],
  addKeyboardShortcuts() {
    const key = (level) => () => this.editor.commands.toggleNode("heading", "paragraph", { level });
    return { "Mod-Alt-2": key(2), "Mod-Alt-3": key(3), "Mod-Alt-4": key(4) };
  },
});

const Blockquote = Node.create({
  name: "blockquote",
  group: "block",
  content: "block+",
  defining: true,
  parseHTML: () => [{ tag: "blockquote" }],
  renderHTML: ({ HTMLAttributes }) => ["blockquote", HTMLAttributes, 0],
  addKeyboardShortcuts() { return { "Mod-Shift-b": () => this.editor.commands.toggleWrap("blockquote") }; },
});

const HardBreak = Node.create({
  name: "hardBreak",
  group: "inline",
  inline: true,
  selectable: false,
  linebreakReplacement: true,
  parseHTML: () => [{ tag: "br" }],
  renderHTML: () => ["br"],
  renderText: () => "\n",
  addKeyboardShortcuts() { return { "Shift-Enter": () => this.editor.commands.insertContent({ type: "hardBreak" }) }; },
});

const Rule = Node.create({
  name: "horizontalRule",
  group: "block",
  parseHTML: () => [{ tag: "hr" }],
  renderHTML: () => ["hr"],
});

// A picture with the line under it, which is its text.
const Figure = Node.create({
  name: "figure",
  group: "block",
  content: "inline*",
  isolating: true,
  defining: true,
  addAttributes: () => Object.fromEntries(schema.attributes.img.map((name) => [name, { default: name === "alt" ? "" : null, rendered: false }])),
  parseHTML() {
    const read = (img) => {
      const src = img?.getAttribute("src");
      if (!isOwnPicture(src) && !isFreshPicture(src)) return false;
      return Object.fromEntries(schema.attributes.img.map((name) => [name, img.getAttribute(name) ?? (name === "alt" ? "" : null)]));
    };
    return [
      { tag: "figure", getAttrs: (figure) => read(figure.querySelector("img")), contentElement: (figure) => figure.querySelector("figcaption") ?? document.createElement("figcaption") },
      { tag: "img", getAttrs: read, contentElement: () => document.createElement("figcaption") },
    ];
  },
  renderHTML: ({ node, HTMLAttributes }) => ["figure", HTMLAttributes, ["img", Object.fromEntries(Object.entries(node.attrs).filter(([name, value]) => schema.attributes.img.includes(name) && value !== null))], ["figcaption", 0]],
  addKeyboardShortcuts() {
    // Enter under a picture goes on below it.
    const below = () => {
      const { $from } = this.editor.state.selection;
      if ($from.parent.type.name !== "figure") return false;
      const after = $from.after();
      return this.editor.chain().insertContentAt(after, { type: "paragraph" }).setTextSelection(after + 1).run();
    };
    return { Enter: below };
  },
});

const mark = (name, tags, key) => Mark.create({
  name,
  parseHTML: () => tags.map((tag) => ({ tag })),
  renderHTML: ({ HTMLAttributes }) => [tags[0], HTMLAttributes, 0],
  addKeyboardShortcuts() { return key ? { [key]: () => this.editor.commands.toggleMark(name) } : {}; },
});

const marks = [
  mark("strong", ["strong", "b"], "Mod-b"),
  mark("em", ["em", "i"], "Mod-i"),
  mark("u", ["u"], "Mod-u"),
  mark("s", ["s", "del", "strike"], "Mod-Shift-x"),
  mark("sub", ["sub"], "Mod-,"),
  mark("sup", ["sup"], "Mod-."),
];

const Link = Mark.create({
  name: "link",
  priority: 1000,
  inclusive: false,
  addAttributes: () => ({ href: { default: null } }),
  parseHTML: () => [{ tag: "a[href]", getAttrs: (a) => (isLink(a.getAttribute("href")) ? null : false) }],
  renderHTML: ({ HTMLAttributes }) => ["a", { href: HTMLAttributes.href }, 0],
});

const Ordered = OrderedList.extend({
  addAttributes: () => ({ start: { default: 1, parseHTML: (ol) => parseInt(ol.getAttribute("start"), 10) || 1, renderHTML: ({ start }) => (start === 1 ? {} : { start }) } }),
  renderHTML: ({ HTMLAttributes }) => ["ol", HTMLAttributes, 0],
});

// Neither widths nor styles: both are the page's business, and the policy forbids inline style.
const PlainTable = Table.extend({ renderHTML: ({ HTMLAttributes }) => ["table", HTMLAttributes, ["tbody", 0]], renderMarkdown: undefined, parseMarkdown: undefined });
const span = { default: 1, parseHTML: undefined };
const spans = () => Object.fromEntries(["colspan", "rowspan"].map((name) => [name, { ...span, parseHTML: (cell) => Math.min(Math.max(parseInt(cell.getAttribute(name), 10) || 1, 1), 63), renderHTML: (attributes) => (attributes[name] === 1 ? {} : { [name]: attributes[name] }) }]));
const cell = (Base, tag) => Base.extend({
  // The commands of tables read and write `colwidth`; nothing is ever shown of it.
  addAttributes: () => ({ ...spans(), colwidth: { default: null, rendered: false, parseHTML: () => null } }),
  renderHTML: ({ HTMLAttributes }) => [tag, mergeAttributes(HTMLAttributes), 0],
});

// Language and setting of a block.
const Setting = Extension.create({
  name: "setting",
  addGlobalAttributes: () => [
    { types: ["paragraph", "heading", "blockquote", "bulletList", "orderedList", "figure"], attributes: { lang: { default: null, parseHTML: (block) => block.getAttribute("lang") || null, renderHTML: ({ lang }) => (lang ? { lang } : {}) } } },
    { types: ["paragraph", "heading"], attributes: { setting: { default: null, parseHTML: (block) => schema.classes.find((name) => block.classList.contains(name)) ?? null, renderHTML: ({ setting }) => (setting ? { class: setting } : {}) } } },
  ],
});

export const extensions = [
  Doc, Text, Paragraph, Heading, Blockquote, HardBreak, Rule, Figure, Link, ...marks,
  BulletList, Ordered, ListItem, PlainTable.configure({ resizable: false, allowTableNodeSelection: true }), TableRow, cell(TableHeader, "th"), cell(TableCell, "td"),
  Setting, UndoRedo, Gapcursor,
  Placeholder.configure({ showOnlyCurrent: false, includeChildren: true, placeholder: ({ node, editor }) => (node.type.name === "figure" ? "Chú thích ảnh, có thể để trống" : editor.isEmpty ? "Viết nội dung ở đây, hoặc dán từ Word" : "") }),
];
