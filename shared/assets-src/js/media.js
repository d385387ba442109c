// Pictures, files and videos in the pages of the back office: dropped, pasted, chosen, put in order. Without this
// the forms send their files as forms do.
import { upload } from "./resumable.js";

const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
const make = (name, properties = {}, children = []) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};
const field = (name) => document.querySelector(`[name="${name}"]`);
const changed = (element) => element.dispatchEvent(new Event("input", { bubbles: true }));

all("[data-with-script]").forEach((part) => { part.hidden = false; });
all("[data-without-script]").forEach((part) => { part.hidden = true; });

// What a place takes, as the server recognised it, and what is said of everything else.
const WANTED = {
  picture: [/^image\//, "không phải ảnh."],
  album: [/^image\//, "không phải ảnh."],
  video: [/^video\//, "không phải video MP4 hoặc WebM."],
  captions: [/^text\/vtt/, "không phải phụ đề WebVTT (.vtt)."],
};

// A kind's own file: there is one, and another takes its place.
const keptBy = (name) => (done, place) => {
  const kept = field(`${name}_kept`);
  kept.value = `${done.url} ${done.name}`;
  const line = place.querySelector("[data-kept]");
  line.hidden = false;
  line.querySelector("input").checked = false;
  line.querySelector("[data-kept-name]").textContent = done.name;
  changed(kept);
};

// What becomes of a file once the server has it, by place.
const arrived = {
  library() {
    // The list is the server's; it is shown anew once nothing is under way.
    if (!document.querySelector("[data-uploads] .is-going, [data-uploads] .is-wrong")) window.location.assign("/quan-tri/thu-vien?xong=tai-len");
  },
  picture(done) {
    const before = field("picture_kept").value;
    field("picture_kept").value = done.sha256;
    const drop = field("drop_picture");
    if (drop) drop.checked = false;
    const image = document.getElementById("picture-xem");
    image.src = `${done.url}/640.jpg`;
    image.hidden = false;
    const alt = field("picture_alt");
    // What was said of another picture is not true of this one.
    if (!alt.value || (before && before !== done.sha256)) alt.value = done.alt ?? "";
    changed(alt);
    if (!alt.value) alt.focus();
  },
  video: keptBy("video"),
  captions: keptBy("captions"),
  file(done, place) {
    const list = place.querySelector("[data-uploads]");
    const kept = make("input", { type: "hidden", name: "file_kept", value: `${done.url} ${done.name}` });
    list.before(make("p", { className: "mb-0" }, [kept, make("a", { className: "text-link", href: done.url, textContent: done.name })]));
    changed(kept);
  },
  album(done, place) {
    const rows = place.querySelector("[data-picture-rows]");
    if (all("input[name=pic]", rows).some((known) => known.value === done.sha256)) return;
    rows.append(row(done));
    renumber(rows);
    changed(rows.lastElementChild.querySelector("input"));
  },
};

all("[data-upload]").forEach((place) => {
  const input = place.querySelector("input[type=file]");
  const take = (files) => {
    const some = input.multiple ? files : files.slice(0, 1);
    some.forEach((file) => send(place, file));
    input.value = "";
  };
  input.addEventListener("change", () => { if (input.files.length) take(Array.from(input.files)); });
  place.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    place.classList.add("is-over");
  });
  place.addEventListener("dragleave", () => { place.classList.remove("is-over"); });
  place.addEventListener("drop", (event) => {
    place.classList.remove("is-over");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    take(Array.from(event.dataTransfer.files));
  });
  place.take = take;
});

// A picture in the clipboard goes to the place the cursor is in, or to the only one there is. The editor of
// texts takes its own.
document.addEventListener("paste", (event) => {
  const files = Array.from(event.clipboardData?.files ?? []);
  if (!files.length || event.defaultPrevented || event.target.closest?.("[contenteditable]")) return;
  const places = all("[data-upload]").filter((place) => place.offsetParent !== null);
  const place = event.target.closest?.("[data-upload]") ?? (places.length === 1 ? places[0] : places.find((one) => one.dataset.upload === "picture"));
  if (!place) return;
  event.preventDefault();
  place.take(files);
});

async function send(place, file) {
  const bar = make("progress", { max: 1, value: 0 });
  const said = make("span", { className: "upload-said", textContent: "Đang tải lên…" });
  const stop = make("button", { type: "button", className: "btn btn-sm btn-quiet", textContent: "Hủy" });
  const control = new AbortController();
  stop.setAttribute("aria-label", `Hủy tải ${file.name}`);
  stop.addEventListener("click", () => { control.abort(); });
  bar.setAttribute("aria-label", `Tiến độ tải ${file.name}`);
  const line = make("li", { className: "is-going" }, [make("strong", { textContent: file.name }), bar, said, stop]);
  place.querySelector("[data-uploads]").append(line);
  try {
    const done = await upload(file, {
      kept: place.dataset.upload === "library",
      signal: control.signal,
      onProgress: (part) => { bar.value = part; said.textContent = part < 1 ? `${Math.floor(part * 100)} %` : "Đang kiểm tra…"; },
      onPause: (why) => { said.textContent = why; },
    });
    const [wanted, words] = WANTED[place.dataset.upload] ?? [/^/, ""];
    if (!wanted.test(done.mime)) throw new Error(`Tệp ${done.name} ${words}`);
    line.classList.remove("is-going");
    line.remove();
    arrived[place.dataset.upload](done, place);
  } catch (error) {
    line.classList.replace("is-going", "is-wrong");
    bar.remove();
    said.textContent = error.message;
    stop.textContent = "Bỏ qua";
    stop.setAttribute("aria-label", `Bỏ qua ${file.name}`);
    stop.addEventListener("click", () => { line.remove(); });
  }
}

// ---- albums

const PLACES = [["top-left", "Góc trên bên trái"], ["top", "Phía trên"], ["top-right", "Góc trên bên phải"], ["left", "Bên trái"], ["centre", "Chính giữa"], ["right", "Bên phải"], ["bottom-left", "Góc dưới bên trái"], ["bottom", "Phía dưới"], ["bottom-right", "Góc dưới bên phải"]];

function row(done) {
  const id = done.sha256.slice(0, 12);
  const text = (name, label, value = "") => make("div", { className: "field" }, [
    make("label", { htmlFor: `${name}-${id}`, textContent: label }),
    make("input", { className: "form-control", id: `${name}-${id}`, name, value, maxLength: 300 }),
  ]);
  const button = (way, label) => {
    const made = make("button", { type: "submit", className: "btn btn-sm btn-quiet", name: "pic_move", value: `${way}:${done.sha256}`, textContent: label });
    made.dataset.row = way;
    return made;
  };
  const focus = make("select", { className: "form-select", id: `pic_focus-${id}`, name: "pic_focus" }, PLACES.map(([value, label]) => make("option", { value, textContent: label, selected: value === "centre" })));
  const made = make("li", {}, [
    make("input", { type: "hidden", name: "pic", value: done.sha256 }),
    make("div", { className: "row-pic" }, [make("img", { src: `${done.url}/320.jpg`, width: done.width ?? 320, height: done.height ?? 200, alt: done.name })]),
    make("div", { className: "row-fields" }, [
      text("pic_alt", "Ảnh cho thấy gì?", done.alt ?? ""),
      make("div", { className: "form-check" }, [
        make("input", { className: "form-check-input", type: "checkbox", id: `pic_decorates-${id}`, name: "pic_decorates", value: done.sha256 }),
        make("label", { htmlFor: `pic_decorates-${id}`, textContent: "Chỉ để trang trí" }),
      ]),
      make("details", { className: "hint" }, [
        make("summary", { textContent: "Chú thích, người chụp, phần quan trọng" }),
        make("div", {}, [
          text("pic_caption", "Chú thích"), text("pic_credit", "Người chụp, nguồn ảnh"),
          make("div", { className: "field" }, [make("label", { htmlFor: `pic_focus-${id}`, textContent: "Phần luôn giữ lại khi cắt ảnh" }), focus]),
        ]),
      ]),
      make("div", { className: "row-actions" }, [button("up", "Lên"), button("down", "Xuống"), button("drop", "Bỏ")]),
    ]),
  ]);
  made.dataset.pictureRow = "";
  return made;
}

function renumber(rows) {
  const list = Array.from(rows.children);
  list.forEach((one, place) => {
    one.draggable = true;
    one.querySelector("label").textContent = `Ảnh ${place + 1} cho thấy gì?`;
    one.querySelector("[data-row=up]").disabled = place === 0;
    one.querySelector("[data-row=down]").disabled = place === list.length - 1;
  });
}

all("[data-picture-rows]").forEach((rows) => {
  renumber(rows);
  // The first button of a form is what Enter presses; in a field of a picture it would move the picture.
  rows.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.tagName === "INPUT") event.preventDefault(); });
  rows.addEventListener("click", (event) => {
    const button = event.target.closest("[data-row]");
    if (!button) return;
    event.preventDefault();
    const one = button.closest("[data-picture-row]");
    const way = button.dataset.row;
    if (way === "up") one.previousElementSibling?.before(one);
    if (way === "down") one.nextElementSibling?.after(one);
    if (way === "drop") one.remove();
    renumber(rows);
    changed(rows);
    (button.disabled ? one.querySelector("[data-row]:not(:disabled)") : button)?.focus();
  });
  let held = null;
  rows.addEventListener("dragstart", (event) => {
    if (event.target.matches?.("input, select, textarea")) return;
    held = event.target.closest("[data-picture-row]");
    event.dataTransfer.effectAllowed = "move";
  });
  rows.addEventListener("dragover", (event) => {
    const over = event.target.closest?.("[data-picture-row]");
    if (!held || !over || over === held) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(held); else over.after(held);
  });
  rows.addEventListener("dragend", () => { if (held) { held = null; renumber(rows); changed(rows); } });
});

// ---- choosing from the library

all("[data-choose]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => { choose((picked) => { arrived[button.dataset.choose](picked, button.closest("[data-upload]")); }); });
});

function choose(picked) {
  const words = make("input", { type: "search", className: "form-control", id: "chon-tu", placeholder: "Tên, mô tả, chú thích" });
  const found = make("ul", { className: "shelf plain-list" });
  const close = make("button", { type: "button", className: "btn btn-quiet", textContent: "Đóng" });
  const dialog = make("dialog", { className: "chooser" }, [
    make("h2", { textContent: "Chọn ảnh từ thư viện" }),
    make("label", { htmlFor: "chon-tu", textContent: "Tìm" }), words, found,
    make("div", { className: "actions" }, [close]),
  ]);
  const show = async () => {
    const response = await fetch(`/quan-tri/thu-vien/chon?q=${encodeURIComponent(words.value)}`, { credentials: "same-origin" }).catch(() => null);
    const offered = response?.ok ? await response.json() : [];
    found.replaceChildren(...offered.map((one) => {
      const pick = make("button", { type: "button" }, [
        make("span", { className: "shelf-pic" }, [make("img", { src: one.thumb, alt: one.alt ?? "", width: one.width ?? 320, height: one.height ?? 200, loading: "lazy" })]),
        make("span", { className: "shelf-name", textContent: one.alt || one.name }),
      ]);
      pick.addEventListener("click", () => { dialog.close(); picked(one); });
      return make("li", {}, [pick]);
    }));
    if (!offered.length) found.append(make("li", { textContent: "Không có ảnh nào." }));
  };
  let timer = 0;
  words.addEventListener("input", (event) => { if (!event.isComposing) { clearTimeout(timer); timer = setTimeout(show, 300); } });
  words.addEventListener("compositionend", show);
  close.addEventListener("click", () => { dialog.close(); });
  dialog.addEventListener("close", () => { dialog.remove(); });
  document.body.append(dialog);
  dialog.showModal();
  show();
}
