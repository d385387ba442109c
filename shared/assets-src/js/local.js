// Unsaved text on this machine, for a power cut or a lost network. Wiped once the server has it, and at
// sign-out: machines are shared.
const PREFIX = "lien-cong:bai:";
// Where uploads stand that broke off.
export const UPLOADS = "lien-cong:tai-len:";
const SENT = "lien-cong:da-gui";
const KEPT_FOR = 30 * 24 * 3600 * 1000;

// Storage may be full, or forbidden by the browser: writing goes on without.
const quietly = (task) => { try { return task(); } catch { return undefined; } };
const isLeaving = () => document.documentElement.dataset.leaving !== undefined;
const keys = (begin = PREFIX) => Object.keys(localStorage).filter((key) => key.startsWith(begin));

// A button called `action` stands in front of the form's own property.
export const keyOf = (form) => `${PREFIX}${form.dataset.local}:${form.getAttribute("action")}`;
export const read = (key) => quietly(() => JSON.parse(localStorage.getItem(key)));
// Whether it was kept.
export const keep = (key, copy) => quietly(() => { if (isLeaving()) return false; localStorage.setItem(key, JSON.stringify(copy)); return true; }) === true;
export const drop = (key) => quietly(() => localStorage.removeItem(key));
export const dropAll = () => quietly(() => {
  [...keys(), ...keys(UPLOADS)].forEach((key) => localStorage.removeItem(key));
  sessionStorage.removeItem(SENT);
  // Nothing is kept on the way out either. Who is still here after a while has stayed.
  document.documentElement.dataset.leaving = "1";
  setTimeout(() => { delete document.documentElement.dataset.leaving; }, 3000);
});

// A form on its way: only the page that answers it tells whether it arrived.
export const noteSent = (key) => quietly(() => sessionStorage.setItem(SENT, key));

// Called on every page: the one right after a form says by its address whether the server kept it.
export function settleSent() {
  quietly(() => {
    const key = sessionStorage.getItem(SENT);
    sessionStorage.removeItem(SENT);
    const { pathname, search } = window.location;
    const arrived = new URLSearchParams(search).has("xong") || /\/(dang|tra-lai)$/.test(pathname);
    if (key && arrived) { drop(key); drop(`${key}:cu`); }
    const now = Date.now();
    keys().forEach((old) => { if (!(now - (read(old)?.at ?? 0) < KEPT_FOR)) drop(old); });
  });
}
