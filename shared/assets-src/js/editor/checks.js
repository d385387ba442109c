// What is worth a look before a text is handed in. Advice only: the server decides.
const ADVISED_TITLE = 100;
const length = (text) => Array.from(text.normalize("NFC").trim()).length;
const EMPTY_WORDS = /^(tại đây|ở đây|xem thêm|xem tiếp|click|bấm vào đây|link)$/i;

export function checks(form, editor, place) {
  const update = () => {
    const field = (name) => form.elements[name]?.value?.trim() ?? "";
    const found = [];
    if (length(field("title")) > ADVISED_TITLE) found.push(["title", "Tiêu đề dài; nên dưới 100 ký tự."]);
    if (field("kind") === "article" && field("lead") === "") found.push(["lead", "Chưa có sapo."]);
    const drops = form.elements.drop_picture?.checked;
    const hasPicture = (field("picture_kept") !== "" && !drops) || form.elements.picture?.files?.length > 0;
    if (hasPicture && field("picture_alt") === "") found.push(["picture_alt", "Ảnh đại diện chưa có lời mô tả."]);
    let bare = 0;
    let level = 1;
    let skips = false;
    const links = new Map();
    editor.state.doc.descendants((node) => {
      if (node.type.name === "figure" && node.attrs.alt.trim() === "") bare += 1;
      if (node.type.name === "heading") { skips ||= node.attrs.level > level + 1; level = node.attrs.level; }
      const link = node.marks.find((mark) => mark.type.name === "link");
      if (link) links.set(link, (links.get(link) ?? "") + node.text);
    });
    if (bare) found.push(["body", `${bare} ảnh trong bài chưa có lời mô tả.`]);
    const words = Array.from(links.values());
    if (words.some((text) => text.trim() === "")) found.push(["body", "Có liên kết không có chữ."]);
    if (words.some((text) => EMPTY_WORDS.test(text.trim()))) found.push(["body", "Có liên kết chỉ ghi “tại đây”, “xem thêm”; nên ghi rõ dẫn tới đâu."]);
    if (skips) found.push(["body", "Tiêu đề mục nhảy bậc; nên đi từ mục đến mục nhỏ."]);
    show(place, found);
  };
  let timer = null;
  const later = () => { clearTimeout(timer); timer = setTimeout(update, 600); };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  editor.on("update", later);
  update();
}

function show(place, found) {
  const before = place.dataset.found ?? "";
  const now = JSON.stringify(found);
  if (before === now) return;
  place.dataset.found = now;
  place.hidden = found.length === 0;
  const list = place.querySelector("ul");
  list.replaceChildren(...found.map(([field, words]) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `#${field}`;
    link.textContent = words;
    link.addEventListener("click", (event) => { event.preventDefault(); document.getElementById(field)?.focus(); });
    item.append(link);
    return item;
  }));
}
