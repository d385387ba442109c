// The editor of the writing page. Its field stays in the page and is what the form sends: without this
// file people write into it as before.
import { Editor } from "@tiptap/core";
import { autosave } from "./editor/autosave.js";
import { checks } from "./editor/checks.js";
import { extensions } from "./editor/nodes.js";
import { letters, markup } from "./editor/output.js";
import { pictureList } from "./editor/panels.js";
import { pictures } from "./editor/pictures.js";
import { toolbar } from "./editor/toolbar.js";
import { clean, hush } from "./editor/word.js";

const field = document.querySelector("textarea[data-editor]");
if (field) begin(field.form, field);

function begin(form, field) {
  const format = form.elements.body_format;
  const status = document.getElementById("tinh-trang");
  const counter = document.getElementById("body-dem");
  const say = (text) => { status.textContent = text; };
  const number = new Intl.NumberFormat("vi-VN");

  const box = document.createElement("div");
  box.className = "editor";
  const place = document.createElement("div");
  box.append(place);
  field.after(box);

  let escaping = false;
  let saver = null;
  let sent = null;
  let link = () => {};

  const editor = new Editor({
    element: place,
    extensions,
    content: field.dataset.html ?? field.value,
    injectCSS: false,
    // Rewriting what was just typed gets in the way of Telex and VNI.
    enableInputRules: false,
    enablePasteRules: false,
    coreExtensionOptions: { clipboardTextSerializer: { blockSeparator: "\n\n" } },
    editorProps: {
      // The cursor stays clear of the buttons above and below.
      scrollMargin: { top: 150, bottom: 130, left: 0, right: 0 },
      scrollThreshold: { top: 130, bottom: 110, left: 0, right: 0 },
      attributes: { id: "body", class: "prose body-text", role: "textbox", "aria-multiline": "true", "aria-labelledby": "body-nhan", "aria-describedby": "body-phim", lang: form.elements.language?.value || "vi" },
      handleDOMEvents: {
        keydown(_view, event) {
          const leaves = escaping && event.key === "Tab";
          if (event.key === "Escape" && !event.isComposing) { escaping = true; say("Bấm Tab để ra khỏi ô soạn thảo."); } else if (event.key !== "Shift") escaping = false;
          if (event.altKey && event.key === "F10") { event.preventDefault(); box.querySelector(".editor-bar select").focus(); return true; }
          if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") { event.preventDefault(); link(); return true; }
          // Handled, and yet not prevented: the browser moves on.
          return leaves;
        },
        blur() { escaping = false; return false; },
      },
      transformPastedHTML(html) {
        const quiet = hush(html);
        if (quiet.includes("data-pm-slice")) return quiet;
        const { html: cleaned, dropped } = clean(quiet);
        if (dropped) say(dropped === 1 ? "Một ảnh không dán kèm được. Hãy lưu ảnh về máy rồi thêm bằng nút Thêm ảnh." : `${dropped} ảnh không dán kèm được. Hãy lưu ảnh về máy rồi thêm bằng nút Thêm ảnh.`);
        return cleaned;
      },
      handlePaste(_view, event) {
        const { files, types } = event.clipboardData;
        if (!files.length || types.includes("text/html")) return false;
        shots.add(Array.from(files));
        return true;
      },
      handleDrop(view, event) {
        const files = Array.from(event.dataTransfer?.files ?? []);
        if (!files.length) return false;
        event.preventDefault();
        shots.add(files, view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos);
        return true;
      },
    },
  });

  const shots = pictures(editor, { say });
  const languages = Array.from(form.elements.language?.options ?? []).map((choice) => [choice.value, choice.text]);
  const bar = toolbar(editor, { languages, addPictures: (files) => shots.add(files), id: "body" });
  link = bar.openLink;
  // What the server said of a picture leads to where the picture is described.
  document.querySelectorAll("[data-picture-error]").forEach((error) => { error.removeAttribute("id"); error.hidden = true; });
  document.querySelectorAll("a[href^='#body-anh-']").forEach((to) => {
    to.addEventListener("click", (event) => { event.preventDefault(); bar.describe(Number(to.hash.slice("#body-anh-".length))); });
  });
  const top = document.createElement("div");
  top.className = "editor-top";
  top.append(bar.bar, bar.panels);
  box.prepend(top);
  // The words for a picture are no input of the form: the text carries them.
  box.append(pictureList(editor));

  // The field gives its name to the editor and goes on carrying the text.
  field.id = "body-nguon";
  field.hidden = true;
  document.querySelectorAll("[data-plain-only]").forEach((hint) => { hint.hidden = true; });
  document.querySelectorAll("[data-editor-only]").forEach((hint) => { hint.hidden = false; });
  document.getElementById("body-nhan").addEventListener("click", (event) => { event.preventDefault(); editor.commands.focus(); });

  const flush = () => {
    const now = markup(editor);
    if (now === sent) return;
    sent = now;
    field.value = now;
    format.value = "html";
  };
  const count = () => { counter.textContent = `${number.format(letters(editor))} ký tự`; };
  sent = markup(editor);
  // What was only opened is kept as it was.
  count();

  let timer = null;
  const settle = () => { if (!editor.view.composing) { flush(); count(); } };
  editor.on("update", () => {
    shots.sendFresh();
    clearTimeout(timer);
    timer = setTimeout(settle, 200);
    form.dataset.guard = "changed";
    saver?.changed();
  });

  const bring = (fields) => {
    const told = new Map(fields);
    for (const [name, value] of told) {
      const element = form.elements[name];
      if (!element || name === "body" || name === "body_format" || element instanceof RadioNodeList) continue;
      if (element.type === "checkbox") element.checked = true;
      else if (element.type !== "file") element.value = value;
      element.dispatchEvent(new Event("input", { bubbles: true }));
      element.dispatchEvent(new Event("change", { bubbles: true }));
    }
    Array.from(form.elements).forEach((element) => { if (element.type === "checkbox" && element.name && !told.has(element.name) && element.name !== "drop_file") element.checked = false; });
    if (told.get("body_format") === "html") editor.commands.setContent(told.get("body") ?? "", { emitUpdate: true });
    say("Đã khôi phục bản trên máy này.");
  };

  saver = autosave(form, { say, flush, restore: bring, isBusy: () => editor.view.composing || shots.isSending(), offer: (words, take, leave) => offer(words, take, leave) });
  form.addEventListener("input", (event) => { if (!editor.view.dom.contains(event.target) && event.target.name) saver.changed(); });
  form.addEventListener("change", (event) => { if (event.target.name) saver.changed(); });
  form.addEventListener("submit", (event) => {
    if (!shots.isSending()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    say("Còn ảnh đang gửi. Hãy đợi một chút rồi bấm lại.");
  }, { capture: true });
  checks(form, editor, document.getElementById("nen-xem-lai"));
}

function offer(words, take, leave) {
  const place = document.getElementById("ban-tren-may");
  place.querySelector("p").textContent = words;
  const [restore, drop] = place.querySelectorAll("button");
  const close = () => { place.hidden = true; };
  restore.addEventListener("click", () => { close(); take(); });
  drop.addEventListener("click", () => { close(); leave(); });
  place.hidden = false;
}
