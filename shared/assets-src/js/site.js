// Comfort only: every page works without this file.
const byId = (id) => document.getElementById(id);
const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));

// The menu opens by its address without script; with it, by a button that says its state.
const opener = document.querySelector("[data-menu]");
if (opener) {
  const menu = byId(opener.hash.slice(1));
  const show = (open) => {
    menu.classList.toggle("is-open", open);
    opener.setAttribute("aria-expanded", String(open));
  };
  opener.setAttribute("role", "button");
  opener.setAttribute("aria-controls", menu.id);
  show(false);
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    show(!menu.classList.contains("is-open"));
    // Into the menu, as its address leads there without script: in the page, the search stands in between.
    if (menu.classList.contains("is-open")) menu.querySelector("a").focus();
  });
  opener.addEventListener("keydown", (event) => {
    if (event.key === " ") { event.preventDefault(); opener.click(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.classList.contains("is-open")) { show(false); opener.focus(); }
  });
  all("[data-menu-close]").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    show(false);
    opener.focus();
  }));
}

// A page that was left open, or is read without a line, does not go on saying what has ended.
const end = () => all("[data-until]").forEach((bar) => { if (Date.parse(bar.dataset.until) <= Date.now()) bar.remove(); });
end();
setInterval(end, 30000);

const inEnglish = document.documentElement.lang === "en";

// What was just done, for eyes and for screen readers.
const say = (text) => all("[data-said]").forEach((place) => { place.textContent = text; });

all("[data-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const from = button.dataset.copyFrom && byId(button.dataset.copyFrom);
    try {
      await navigator.clipboard.writeText(from ? from.textContent.trim() : button.dataset.copy);
      say(button.dataset.done || (inEnglish ? "Copied." : "Đã chép."));
    } catch {
      say(inEnglish ? "Could not copy. Please select and copy by hand." : "Không chép được. Bạn hãy chọn và chép bằng tay.");
    }
  });
});

all("[data-share]").forEach((button) => {
  if (!navigator.share) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    // Closing the share sheet is a choice, not a fault.
    navigator.share({ title: button.dataset.title, url: button.dataset.share }).catch(() => {});
  });
});

all("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// Filters apply as soon as they are chosen; their button stays for those without script.
all("[data-autosubmit]").forEach((field) => field.addEventListener("change", () => field.form.requestSubmit()));

// Errors are read first, then the field they point to.
const summary = document.querySelector("[data-error-summary]");
if (summary) summary.focus();

// A form is sent once, however often the button is pressed.
all("form[data-once]").forEach((form) => form.addEventListener("submit", (event) => {
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; }, 8000);
}));
window.addEventListener("pageshow", () => all("form[data-once]").forEach((form) => { delete form.dataset.sent; }));

// What was read stays readable without a line; the pages that may be kept name the site's manifest.
if ("serviceWorker" in navigator && document.querySelector("link[rel=manifest]")) {
  // Where it may not run, pages are read as they always were.
  window.addEventListener("load", () => { navigator.serviceWorker.register("/ngoai-tuyen.js").catch(() => {}); });
}

// Read aloud, with a voice of this machine that speaks the language of the text; without one there is no button.
const reader = document.querySelector("[data-read-aloud]");
if (reader && window.speechSynthesis) {
  const article = document.querySelector("article");
  const { lang: language } = article.querySelector("h1").closest("[lang]");
  const voice = () => speechSynthesis.getVoices().find((one) => one.lang.replace("_", "-").toLowerCase().startsWith(language));
  const offer = () => { reader.hidden = !voice(); };
  const idle = reader.textContent;
  let isReading = false;
  const shows = (reading) => {
    isReading = reading;
    reader.textContent = reading ? reader.dataset.stop : idle;
  };
  // Browsers stop in the middle of long texts: a part at a time.
  const parts = () => all("h1, .standfirst, .prose :is(p, li, h2, h3, h4, th, td, figcaption)", article)
    .map((part) => part.innerText.trim()).filter(Boolean);
  const next = (waiting) => {
    if (!isReading) return;
    const text = waiting.shift();
    if (!text) { shows(false); return; }
    const spoken = new SpeechSynthesisUtterance(text);
    spoken.voice = voice();
    spoken.lang = spoken.voice.lang;
    spoken.onend = () => next(waiting);
    spoken.onerror = () => shows(false);
    speechSynthesis.speak(spoken);
  };
  offer();
  speechSynthesis.addEventListener("voiceschanged", offer);
  reader.addEventListener("click", () => {
    speechSynthesis.cancel();
    shows(!isReading);
    next(parts());
  });
  window.addEventListener("pagehide", () => speechSynthesis.cancel());
}
