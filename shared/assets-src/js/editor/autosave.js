// Keeps what is typed: at once on this machine, and after a pause on the server.
import { drop, keep, keyOf, noteSent, read } from "../local.js";

const PAUSE = 4000;
const LONGEST_PAUSE = 20000;
const RETRY = 10000;
const BEAT = 25000;
const NOT_KEPT = ["csrf", "revision", "action", "draft", "file_kept", "drop_file"];
const LIST = "/quan-tri/bai-viet";

const clock = (at) => new Date(at).toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit" });
const day = (at) => new Date(at).toLocaleDateString("vi-VN");

// `restore(fields)` puts an older text back; `flush()` brings the fields up to date.
export function autosave(form, { say, offer, flush, restore, isBusy }) {
  // Sent twice, because an answer was lost, a text is still one draft.
  if (isNew(form) && !form.elements.draft) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "draft", value: newId() }));
  const own = () => form.elements.draft?.value;

  let timer = null;
  let firstChange = 0;
  let inFlight = null;
  let changes = 0;
  let lost = false;
  let isParted = false;

  // What bears a secrecy mark is not kept on this machine either, until the server has taken what became of it.
  let isSecret = document.querySelector("[data-screening=secret]") !== null;
  const forget = () => { isSecret = true; drop(keyOf(form)); drop(`${keyOf(form)}:cu`); };
  if (isSecret) forget();

  const fields = () => {
    flush();
    return Array.from(new FormData(form)).filter(([name, value]) => typeof value === "string" && !NOT_KEPT.includes(name));
  };
  // What the server holds, as far as this page knows. What was typed and taken out again is nothing to lose.
  let saved = form.dataset.guard === "changed" ? null : fields();
  const waits = () => Array.from(form.querySelectorAll("input[type=file]")).some((input) => input.files.length > 0);
  const isAsSaved = () => saved !== null && !waits() && same(saved, fields());
  const same = (some, others) => JSON.stringify(tidy(some)) === JSON.stringify(tidy(others));

  // An older text of this machine is offered, not forced upon anybody.
  const key = () => keyOf(form);
  const found = [`${key()}:cu`, key()].map((name) => [name, read(name)]).find(([, copy]) => copy?.fields);
  if (found) {
    const [name, copy] = found;
    if (same(copy.fields, fields())) drop(name);
    else {
      offer(`Máy này còn giữ bản viết lúc ${clock(copy.at)} ngày ${day(copy.at)}, chưa lưu lên máy chủ.`, () => { if (copy.draft && form.elements.draft) form.elements.draft.value = copy.draft; restore(copy.fields); drop(name); changed(); }, () => drop(name));
    }
  }
  let aside = found && read(found[0]) && found[0] === key();

  const keepHere = () => {
    if (isSecret) return false;
    // What was offered and not decided about stays until it is.
    if (aside) { const older = read(key()); if (older) keep(`${key()}:cu`, older); aside = false; }
    return keep(key(), { at: Date.now(), draft: isNew(form) ? own() : undefined, fields: fields() });
  };

  const plan = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(send, pause);
  };

  function changed() {
    changes += 1;
    const now = Date.now();
    if (!firstChange) firstChange = now;
    clearTimeout(changed.timer);
    changed.timer = setTimeout(() => {
      if (form.dataset.sent) return;
      if (!isBusy() && isAsSaved()) { clearTimeout(timer); firstChange = 0; form.dataset.guard = ""; if (!aside) drop(key()); } else keepHere();
    }, 250);
    plan(Math.max(0, Math.min(PAUSE, firstChange + LONGEST_PAUSE - now)));
  }

  // `beats`: nothing was typed; the server is only told that its writer is still there.
  function send(beats = false) {
    if (inFlight || form.dataset.sent) return;
    if (isBusy()) { if (!beats) plan(1000); return; }
    const kept = beats || keepHere();
    const here = kept ? "đang giữ trên máy này" : "máy này không giữ được, đừng đóng trang";
    firstChange = 0;
    const before = changes;
    const sent = fields();
    const body = new FormData(form);
    Array.from(body).forEach(([name, value]) => { if (typeof value !== "string") body.delete(name); });
    // Until the answer comes, nobody here knows which of the two the server has.
    saved = null;
    inFlight = tell(body, { sent, before, beats, kept, here }).finally(() => { inFlight = null; });
  }

  async function tell(body, { sent, before, beats, kept, here }) {
    try {
      const answer = await fetch(address(form), { method: "POST", body, headers: { accept: "application/json" }, redirect: "manual" });
      lost = false;
      const told = await answer.json().catch(() => ({}));
      if (answer.ok && told.id) { saved = sent; arrived(told, before, beats); return; }
      const isOver = answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;
      if (answer.status === 409 || answer.status === 404 || isOver) isParted = true;
      if (beats) return;
      if (told.type?.endsWith("/screening-secret")) { forget(); say(`Không lưu, máy này cũng không giữ. ${reason(told)}`); return; }
      if (isOver) say(`Phiên làm việc đã hết, ${here}. Hãy đăng nhập lại ở một thẻ khác.`);
      else if (answer.status === 404) say(kept ? "Đã giữ trên máy này. Hãy bấm Lưu nháp để lưu lên máy chủ." : "Hãy bấm Lưu nháp để lưu.");
      else if (answer.status === 409) say(told.detail ?? "Bài vừa được người khác sửa. Chữ bạn vừa gõ còn trên máy này.");
      else if (answer.status === 422) say(`Chưa lưu lên máy chủ được, ${here}. ${reason(told)}`);
      else { say(`Máy chủ chưa nhận, ${here}.`); plan(RETRY); }
    } catch {
      lost = true;
      if (!beats) { say(kept ? "Mất mạng, đang giữ trên máy này." : "Mất mạng. Máy này không giữ được, đừng đóng trang."); plan(RETRY); }
    }
  }

  function arrived(told, before, beats) {
    isSecret = false;
    form.elements.revision.value = told.version;
    if (beats && changes === before) return;
    clearTimeout(changed.timer);
    const old = key();
    const path = told.address ?? `${LIST}/${told.id}`;
    if (isNew(form)) {
      form.setAttribute("action", path);
      window.history.replaceState(null, "", path);
    }
    drop(old);
    const at = Date.parse(told.saved_at);
    say(`Đã lưu lúc ${clock(Number.isNaN(at) ? Date.now() : at)}`);
    if (changes !== before) { keepHere(); plan(PAUSE); } else if (!waits()) form.dataset.guard = "";
  }

  // Who has a text open holds it; who is gone lets go of it.
  setInterval(() => { if (!isParted && !isNew(form) && !document.hidden && document.hasFocus()) send(true); }, BEAT);

  window.addEventListener("online", () => { if (lost) plan(0); });
  window.addEventListener("pagehide", () => { if (changes && form.dataset.guard === "changed" && !form.dataset.sent) keepHere(); });

  // The form waits for a saving that is on its way, and for what is told of it: both carry the same revision, and
  // only one may win.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (inFlight && !form.dataset.waited) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const button = event.submitter;
      form.dataset.waited = "1";
      const go = () => setTimeout(() => { form.requestSubmit(button); delete form.dataset.waited; }, 0);
      inFlight.then(go, go);
      return;
    }
    flush();
    if (changes) { keepHere(); noteSent(key()); }
  }, { capture: true });

  return { changed };
}

const isNew = (form) => form.getAttribute("action").endsWith("/moi");
// Not randomUUID: it is there on secure addresses alone.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const address = (form) => `${form.getAttribute("action").replace(/\/moi$/, "")}/tu-luu`;
const reason = (told) => told.errors?.[0]?.message ?? told.errors?.[0]?.detail ?? told.detail ?? "";

// Line ends and blanks around a text are no change.
const tidy = (fields) => fields.map(([name, value]) => [name, value.replace(/\r\n?/g, "\n").normalize("NFC").trim()]).filter(([, value]) => value !== "");
