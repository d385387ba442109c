// Pictures pasted, dropped or chosen: seen at once, and sent while the writing goes on.
import { upload } from "../resumable.js";
import { isFreshPicture } from "./nodes.js";

const LARGEST = 10 * 1024 * 1024;

export function pictures(editor, { say }) {
  const sending = new Set();
  // The file a picture came from, as long as this page is open: its name is worth keeping.
  const files = new Map();

  // Several chosen at once stand one below the other, and none takes the place of one that is there.
  const add = async (chosen, pos) => {
    const figures = [];
    for (const file of chosen) {
      if (!/^image\/(png|jpeg|gif|webp)$/.test(file.type)) { say("Tệp này không phải ảnh JPEG, PNG, WebP hoặc GIF."); continue; }
      if (file.size > LARGEST) { say("Ảnh lớn quá 10 MB. Hãy chọn ảnh nhỏ hơn."); continue; }
      const src = await asAddress(file);
      files.set(src, file);
      figures.push({ type: "figure", attrs: { src, alt: "" } });
    }
    const place = pos ?? belowPicture();
    if (figures.length === 0) return;
    if (place === undefined) editor.chain().focus().insertContent(figures).run();
    else editor.chain().focus().insertContentAt(place, figures).run();
  };

  // Where the picture ends that the cursor is at, if it is at one.
  const belowPicture = () => {
    const { selection } = editor.state;
    if (selection.node?.type.name === "figure") return selection.to;
    return selection.$from.parent.type.name === "figure" ? selection.$from.after() : undefined;
  };

  // Sends what is not sent yet; called after each change.
  const sendFresh = () => {
    editor.state.doc.descendants((node) => {
      const src = node.type.name === "figure" ? node.attrs.src : null;
      if (!isFreshPicture(src) || sending.has(src)) return;
      sending.add(src);
      say("Đang gửi ảnh…");
      upload(files.get(src) ?? asFile(src), {
        onProgress: (part) => say(part < 1 ? `Đang gửi ảnh… ${Math.floor(part * 100)} %` : "Đang kiểm tra ảnh…"),
        onPause: say,
      })
        .then((kept) => {
          if (!kept.mime.startsWith("image/")) throw new Error("Tệp này không phải ảnh JPEG, PNG, WebP hoặc GIF.");
          replace(src, kept);
          say("Đã gửi ảnh. Hãy ghi ảnh cho thấy gì.");
        })
        .catch((error) => { replace(src, null); say(error.message); })
        .finally(() => { sending.delete(src); files.delete(src); });
    });
  };

  const replace = (src, kept) => {
    const { tr } = editor.state;
    const found = [];
    editor.state.doc.descendants((node, pos) => { if (node.attrs.src === src) found.push([node, pos]); });
    found.reverse().forEach(([node, pos]) => {
      if (kept) tr.setNodeMarkup(pos, undefined, { ...node.attrs, src: kept.url, alt: node.attrs.alt || kept.alt || "", width: String(kept.width), height: String(kept.height) });
      else tr.delete(pos, pos + node.nodeSize);
    });
    if (found.length) editor.view.dispatch(tr.setMeta("addToHistory", false));
  };

  return { add, sendFresh, isSending: () => sending.size > 0 };
}

const asAddress = (file) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.addEventListener("load", () => resolve(reader.result));
  reader.addEventListener("error", () => reject(reader.error));
  reader.readAsDataURL(file);
});

function asFile(src) {
  const [head, data] = src.split(",", 2);
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const type = /^data:([^;]+)/.exec(head)[1];
  // The same picture has the same date, by which an upload that broke off is known again.
  const lastModified = Array.from(bytes.subarray(0, 65536)).reduce((sum, byte) => (sum * 31 + byte) % 2147483647, bytes.length);
  return new File([bytes], `anh.${type.split("/")[1]}`, { type, lastModified });
}
