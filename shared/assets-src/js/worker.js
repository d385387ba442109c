// Service worker of the public pages: what was read stays readable without a line.
//
// Network first. The front page and the entries read last are kept, with the style, the letters and the pictures
// they show; nothing of the newsroom is. A kept page says so and since when. What the site no longer shows goes
// at the next contact, and so does every kept page that names it.

const PAGES = "trang-da-doc";
const FILES = "tep-cua-trang";
const OFFLINE_PAGE = "/ngoai-tuyen";
const STILL_SHOWN = "/ban-luu?bai=";
const MOST_PAGES = 30;
const MOST_FILES = 150;
const KEPT_FOR_MS = 30 * 24 * 3600e3;
const PATIENCE_MS = 3000;
const ASK_AGAIN_MS = 30e3;
// As many as one question may name.
const MOST_ASKED = 100;
const KEPT_AT = "x-kept-at";
const NAMED = "x-named";

const ENTRY = /^\/(?:bai-viet|van-ban|thong-bao|trang|du-thao|hoi-dap|lich-cong-tac|thu-vien\/(?:anh|video))\/(?:[^/?#]*-)?[0-9a-f]{32}$/;
const ENTRY_ID = /\/(?:[^"/?#\s]*-)?([0-9a-f]{32})"/g;
const OWN_FILE = /\/tai-nguyen\/[^"\s,]+/g;
const PICTURE = /\/media\/[^"\s,]+/g;
// Titles of other entries, which could not be opened from a kept page anyway.
const BESIDE = [/<aside aria-labelledby="tin-lien-quan"[\s\S]*?<\/aside>/, /<nav class="neighbours"[\s\S]*?<\/nav>/];

self.addEventListener("install", (event) => event.waitUntil(keepOfflinePage().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (!/^\/(?:quan-tri|hien-thi|v1)(?:\/|$)/.test(url.pathname)) event.respondWith(page(event, url));
  } else if (url.pathname.startsWith("/tai-nguyen/") || (url.pathname.startsWith("/media/") && request.destination === "image")) {
    event.respondWith(file(event));
  }
});

async function page(event, url) {
  const network = fetch(event.request);
  const kept = await keptPage(url);
  try {
    const inTime = kept ? await Promise.race([network, after(PATIENCE_MS)]) : await network;
    if (inTime) {
      event.waitUntil(learn(url, copyToKeep(url, inTime), inTime.status));
      return inTime;
    }
    event.waitUntil(network.then((late) => learn(url, late, late.status), () => {}));
  } catch {
    // No line: that is what this file is for.
  }
  return kept ? withNotice(kept) : offlinePage();
}

const after = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const isKeptPath = (url) => !url.search && (url.pathname === "/" || ENTRY.test(url.pathname));
const copyToKeep = (url, response) => isKeptPath(url) && response.status === 200 && !response.redirected ? response.clone() : undefined;

// Takes note of what the site answered at `url`.
async function learn(url, copy, status) {
  if (copy && isKeptPath(url) && status === 200 && !copy.redirected) await keep(url.pathname, await copy.text());
  else if ([403, 404, 410].includes(status)) await drop(url.pathname);
  await dropWhatIsGone();
}

async function keep(path, html) {
  const cache = await caches.open(PAGES);
  const text = BESIDE.reduce((rest, part) => rest.replace(part, ""), html);
  const named = Array.from(text.matchAll(ENTRY_ID), (found) => found[1]).concat(idOf(path));
  const headers = { "content-type": "text/html; charset=utf-8", [KEPT_AT]: String(Date.now()), [NAMED]: Array.from(new Set(named)).join(".") };
  // What is put anew stands last: the first ones were read longest ago.
  await cache.delete(path);
  await cache.put(path, new Response(text, { headers }));
  const entries = (await cache.keys()).map((one) => new URL(one.url).pathname).filter((one) => ENTRY.test(one));
  await Promise.all(entries.slice(0, Math.max(0, entries.length - MOST_PAGES)).map(drop));
}

const idOf = (path) => (ENTRY.test(path) ? path.slice(-32) : []);

async function keptPage(url) {
  if (!isKeptPath(url)) return undefined;
  const kept = await (await caches.open(PAGES)).match(url.pathname);
  if (!kept || !isTooOld(kept)) return kept;
  await drop(url.pathname);
  return undefined;
}

const isTooOld = (kept) => Date.now() - Number(kept.headers.get(KEPT_AT)) > KEPT_FOR_MS;

// Forgets a page and the pictures on it; another page that shows one of them fetches it again.
async function drop(path) {
  const pages = await caches.open(PAGES);
  const kept = await pages.match(path);
  if (!kept) return;
  await pages.delete(path);
  const files = await caches.open(FILES);
  const pictures = (await kept.text()).match(PICTURE) || [];
  await Promise.all(pictures.map((picture) => files.delete(picture)));
}

let asked = 0;

// Asks the site which of the entries that kept pages name it still shows, and forgets the pages that name others.
async function dropWhatIsGone() {
  if (Date.now() - asked < ASK_AGAIN_MS) return;
  asked = Date.now();
  const cache = await caches.open(PAGES);
  const held = new Map();
  for (const request of await cache.keys()) {
    const kept = await cache.match(request);
    const { pathname } = new URL(request.url);
    if (pathname === OFFLINE_PAGE) continue;
    if (isTooOld(kept)) await drop(pathname);
    else held.set(pathname, kept.headers.get(NAMED).split(".").filter(Boolean));
  }
  const named = Array.from(new Set(Array.from(held.values()).flat()));
  const shown = new Set();
  for (let first = 0; first < named.length; first += MOST_ASKED) {
    const ids = named.slice(first, first + MOST_ASKED).join(".");
    const answer = await fetch(STILL_SHOWN + ids, { credentials: "omit", cache: "no-store" }).catch(() => undefined);
    if (!answer || !answer.ok) return;
    (await answer.json()).shown.forEach((id) => shown.add(id));
  }
  for (const [path, ids] of held) if (!ids.every((id) => shown.has(id))) await drop(path);
}

// Style, letters and pictures never change under their address.
async function file(event) {
  const files = await caches.open(FILES);
  const kept = await files.match(event.request, { ignoreVary: true });
  if (kept) return kept;
  const response = await fetch(event.request);
  if (response.status === 200 && (await isForReaders(event.clientId))) event.waitUntil(keepFile(files, event.request, response.clone()));
  return response;
}

async function keepFile(files, request, response) {
  await files.put(request, response);
  const held = await files.keys();
  await Promise.all(held.slice(0, Math.max(0, held.length - MOST_FILES)).map((one) => files.delete(one)));
}

// Whether a page asks that is kept itself: a draft's pictures are nobody's to keep.
async function isForReaders(id) {
  const client = id && (await self.clients.get(id));
  return Boolean(client) && isKeptPath(new URL(client.url));
}

async function keepOfflinePage() {
  const response = await fetch(OFFLINE_PAGE, { cache: "no-store" });
  if (!response.ok) throw new Error(`${OFFLINE_PAGE}: ${response.status}`);
  const html = await response.text();
  await (await caches.open(FILES)).addAll(Array.from(new Set(html.match(OWN_FILE))));
  await (await caches.open(PAGES)).put(OFFLINE_PAGE, new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } }));
}

// What the worker says, in the language of the page it says it on.
const WORDS = {
  vi: {
    notice: (at) => `<strong>Không có kết nối.</strong> Đây là bản lưu trên máy của bạn lúc ${at}. Nội dung có thể đã thay đổi; hãy tải lại trang khi có mạng.`,
    kept: (at) => `lưu lúc ${at}`,
    none: "Chưa có bài nào được lưu trên máy này.",
  },
  en: {
    notice: (at) => `<strong>You are offline.</strong> This is the copy your device kept at ${at}. It may have changed since; load the page again when you are connected.`,
    kept: (at) => `kept at ${at}`,
    none: "This device has kept no article yet.",
  },
};
const wordsOf = (html) => (/<html[^>]* lang="en"/.test(html) ? WORDS.en : WORDS.vi);

// A kept page, saying that it is one.
async function withNotice(kept) {
  const html = await kept.text();
  const notice = `<div class="stand-in" role="status" data-element="kept-copy"><div class="container-lg"><p>${wordsOf(html).notice(moment(kept))}</p></div></div>\n`;
  return asPage(html.replace('<main id="noi-dung"', `${notice}<main id="noi-dung"`));
}

// What to say of a page that is not kept: which ones are.
async function offlinePage() {
  const cache = await caches.open(PAGES);
  const page = await cache.match(OFFLINE_PAGE);
  if (!page) return Response.error();
  const html = await page.text();
  const words = wordsOf(html);
  const lines = [];
  for (const request of (await cache.keys()).reverse()) {
    const { pathname } = new URL(request.url);
    const kept = await cache.match(request);
    if (!ENTRY.test(pathname) || isTooOld(kept)) continue;
    const [, title] = /<h1[^>]*>([^<]*)<\/h1>/.exec(await kept.text()) || [];
    lines.push(`<li><a class="text-link" href="${pathname}">${title || pathname}</a> <span class="muted">(${words.kept(moment(kept))})</span></li>`);
  }
  const list = lines.join("") || `<li>${words.none}</li>`;
  return asPage(html.replace(/(<ul[^>]*data-element="kept-pages"[^>]*>)[\s\S]*?(<\/ul>)/, (_, open, close) => open + list + close));
}

const asPage = (html) => new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });

// HH:mm dd/MM/yyyy, as both languages write it here.
function moment(kept) {
  const at = new Date(Number(kept.headers.get(KEPT_AT)));
  const two = (number) => String(number).padStart(2, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())} ${two(at.getDate())}/${two(at.getMonth() + 1)}/${at.getFullYear()}`;
}
