// Help while writing. Nothing here decides anything: the server checks again.
import { dropAll, settleSent } from "./local.js";

const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
const target = (element, name) => document.getElementById(element.dataset[name]);
const number = new Intl.NumberFormat("vi-VN");

// Letters are counted as a reader counts them: composed, whatever the keyboard sent.
const length = (text) => Array.from(text.normalize("NFC").trim()).length;

all("[data-count]").forEach((field) => {
  const place = target(field, "count");
  const advised = Number(field.dataset.advised || 0);
  const update = () => {
    const now = length(field.value);
    place.textContent = advised
      ? `${number.format(now)} / ${number.format(advised)} ký tự${now > advised ? ", nên viết ngắn hơn" : ""}`
      : `${number.format(now)} ký tự`;
    place.classList.toggle("is-over", advised > 0 && now > advised);
  };
  // Telex and VNI rewrite letters as they compose; the count waits until the word is settled.
  field.addEventListener("input", (event) => { if (!event.isComposing) update(); });
  field.addEventListener("compositionend", update);
  update();
});

// On a telephone the menu is wider than the screen: where one is stands in it.
all(".desk-menu [aria-current]").forEach((here) => {
  const menu = here.closest(".desk-menu");
  menu.scrollLeft += here.getBoundingClientRect().left - (menu.clientWidth - here.offsetWidth) / 2;
});

// Machines are shared: who signs out leaves no text behind.
settleSent();
all("form[action='/quan-tri/dang-xuat']").forEach((form) => form.addEventListener("submit", dropAll));

// Leaving with unsaved text asks first.
all("form[data-guard]").forEach((form) => {
  form.addEventListener("input", () => { form.dataset.guard = "changed"; });
  form.addEventListener("submit", () => { form.dataset.guard = ""; });
  window.addEventListener("beforeunload", (event) => { if (form.dataset.guard === "changed") event.preventDefault(); });
});

// A page as a telephone shows it: in a window of that width. Without script it opens like any other.
all("a[data-window]").forEach((link) => link.addEventListener("click", (event) => {
  const [width, height] = link.dataset.window.split("x");
  if (window.open(link.href, "xem-thu", `popup,width=${width},height=${height}`)) event.preventDefault();
}));

// The picture chosen, before it is sent. A data: address, since the policy allows no blob:.
all("input[type=file][data-preview]").forEach((input) => {
  const image = target(input, "preview");
  const note = target(input, "note");
  const limit = Number(input.dataset.limit || 0);
  input.addEventListener("change", () => {
    const file = input.files[0];
    image.hidden = true;
    if (note) note.textContent = "";
    if (!file) return;
    if (limit && file.size > limit) {
      if (note) note.textContent = `Ảnh nặng ${number.format(Math.round(file.size / 104857.6) / 10)} MB, quá giới hạn. Hãy chọn ảnh khác.`;
      return;
    }
    const reader = new FileReader();
    reader.addEventListener("load", () => { image.src = reader.result; image.hidden = false; });
    reader.readAsDataURL(file);
  });
});

// Fields that belong to one kind of entry.
all("[data-kind-select]").forEach((select) => {
  const update = () => {
    const kind = select.value ?? "";
    all("[data-only-kind]").forEach((part) => { part.hidden = part.dataset.onlyKind !== kind; });
  };
  select.addEventListener("change", update);
  update();
});

// Pages about other machines renew themselves while nobody is using them.
const live = document.querySelector("[data-reload]");
if (live) {
  setInterval(() => {
    const busy = document.activeElement && document.activeElement !== document.body;
    if (!document.hidden && !busy) window.location.reload();
  }, Number(live.dataset.reload) * 1000);
}

// The table of members is kept up to date while somebody looks at it: rows in their places, the time, the figures,
// and who is in another state, for screen readers.
const table = document.querySelector("[data-live]");
if (table && window.EventSource) {
  const at = document.querySelector("[data-live-at]");
  const lost = document.querySelector("[data-live-lost]");
  const said = document.querySelector("[data-live-said]");
  const figures = all("[data-live-figure]");
  const isBusy = (part) => part.contains(document.activeElement);
  let source;
  const follow = () => {
    source = new EventSource(table.dataset.live);
    source.addEventListener("rows", (event) => {
      const seen = JSON.parse(event.data);
      [at.dateTime, at.textContent] = seen.at;
      lost.hidden = true;
      seen.figures.forEach((figure, number) => { if (figures[number]) figures[number].textContent = figure; });
      if (seen.said) said.textContent = seen.said;
      seen.rows.forEach(([url, html]) => {
        const row = table.querySelector(`a[href="${url}"]`)?.closest("tr");
        if (row && !isBusy(row)) row.outerHTML = html;
      });
    });
    // Other rows, or in another order: the whole page anew, unless somebody is at work on it.
    source.addEventListener("again", () => {
      source.close();
      const anew = () => (document.activeElement && document.activeElement !== document.body ? setTimeout(anew, 5000) : window.location.reload());
      anew();
    });
    source.addEventListener("open", () => { lost.hidden = true; });
    source.addEventListener("error", () => {
      lost.hidden = false;
      // A browser gives up for good on an answer that is no stream.
      if (source.readyState === EventSource.CLOSED) setTimeout(follow, 15000);
    });
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) source.close();
    else if (source.readyState === EventSource.CLOSED) follow();
  });
  follow();
}
