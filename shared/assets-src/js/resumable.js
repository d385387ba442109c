// Sends a file in pieces (tus 1.0) and goes on where it broke: after a lost line, a restart of the server, or
// another day, when the same file is chosen again. `upload(file, options)` resolves to what the server kept:
// {url, sha256, name, mime, size, width, height, alt}; it rejects with a sentence for people.
import { UPLOADS, drop, keep, read } from "./local.js";

const START = "/quan-tri/tai-len";
const SMALLEST = 128 * 1024;
const LARGEST = 4 * 1024 * 1024;
// A piece should take a few seconds: short enough to lose little, long enough to be worth its headers.
const PATIENCE = 4000;
const WIDEST = 2560;
const HEAVY = 1500000;

const csrf = () => document.querySelector("input[name=csrf]")?.value ?? "";
const wait = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

// The line is back, or enough time has passed to try without being told.
const line = (milliseconds) => new Promise((done) => {
  const end = () => { clearTimeout(timer); window.removeEventListener("online", end); done(); };
  const timer = setTimeout(end, milliseconds);
  window.addEventListener("online", end);
});

const ask = (method, path, headers = {}, body = undefined, signal = undefined) => fetch(path, {
  method, body, signal, credentials: "same-origin", redirect: "error",
  headers: { "Tus-Resumable": "1.0.0", "X-CSRF-Token": csrf(), Accept: "application/json", ...headers },
});

const words = async (response) => {
  if ([401, 403].includes(response.status)) return "Phiên làm việc đã hết. Hãy đăng nhập lại ở một thẻ khác rồi thử lại.";
  const problem = await response.json().catch(() => ({}));
  return problem.errors?.[0]?.message || problem.detail || problem.title || "Máy chủ không nhận tệp này.";
};

export async function upload(original, { kept = false, signal, onProgress = () => {}, onPause = () => {} } = {}) {
  const file = await lighter(original);
  const key = `${UPLOADS}${original.name} ${original.size} ${original.lastModified}`;
  let path = read(key);
  let offset = path ? await known(path, file) : null;
  if (offset === null) {
    path = await begin(file, { kept, signal, onPause });
    offset = 0;
    keep(key, path);
  }
  let size = SMALLEST * 2;
  let failures = 0;
  try {
    while (offset < file.size) {
      if (signal?.aborted) throw new Error("Đã hủy.");
      onProgress(offset / file.size);
      const began = performance.now();
      const response = await piece(path, file, offset, size, signal);
      if (response?.ok) {
        offset = Number(response.headers.get("Upload-Offset"));
        failures = 0;
        size = performance.now() - began < PATIENCE ? Math.min(size * 2, LARGEST) : Math.max(size / 2, SMALLEST);
        continue;
      }
      // What the server refuses it refuses for good; all else is worth another try.
      if (response && response.status < 500 && ![408, 409, 423, 429].includes(response.status)) throw new Error(await words(response));
      failures += 1;
      size = SMALLEST;
      onPause(response?.status === 507 ? await words(response) : "Mất mạng, sẽ tự tải tiếp…");
      await line(Math.min(1000 * 2 ** failures, 30000));
      const asked = await known(path, file);
      if (asked === null && navigator.onLine) throw new Error("Lần tải này đã hết hạn. Hãy chọn lại tệp.");
      offset = asked ?? offset;
    }
    onProgress(1);
    return await result(path);
  } catch (error) {
    if (signal?.aborted && path) ask("DELETE", path).catch(() => {});
    drop(key);
    throw error;
  } finally {
    if (offset >= file.size) drop(key);
  }
}

// Without a line it begins when there is one.
async function begin(file, { kept, signal, onPause }) {
  const metadata = [`filename ${base64(file.name)}`].concat(kept ? ["kept MQ=="] : []).join(",");
  for (let failures = 1; ; failures += 1) {
    if (signal?.aborted) throw new Error("Đã hủy.");
    const response = await ask("POST", START, { "Upload-Length": String(file.size), "Upload-Metadata": metadata }).catch(() => null);
    if (response?.status === 201) return response.headers.get("Location");
    if (response) throw new Error(await words(response));
    onPause("Mất mạng, sẽ tự tải tiếp…");
    await line(Math.min(1000 * 2 ** failures, 30000));
  }
}

// Where an upload stands; null if the server no longer knows it, or it was another file.
async function known(path, file) {
  try {
    const response = await ask("HEAD", path);
    if (response.status >= 500) return 0;
    if (!response.ok || Number(response.headers.get("Upload-Length")) !== file.size) return null;
    return Number(response.headers.get("Upload-Offset"));
  } catch {
    return null;
  }
}

const piece = (path, file, offset, size, signal) =>
  ask("PATCH", path, { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" }, file.slice(offset, offset + size), signal)
    .catch(() => null);

async function result(path) {
  for (let tries = 0; tries < 5; tries += 1) {
    const response = await ask("GET", path).catch(() => null);
    if (response?.ok) return response.json();
    await wait(1000);
  }
  throw new Error("Tệp đã tải xong nhưng chưa xác nhận được. Hãy mở Thư viện để xem.");
}

// A photograph of a phone is made smaller before it takes the line; the server turns, strips and fits it anyway.
async function lighter(file) {
  if (!["image/jpeg", "image/webp", "image/png"].includes(file.type) || file.size < HEAVY || !window.createImageBitmap) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, WIDEST / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.9); });
    return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg", lastModified: file.lastModified }) : file;
  } catch {
    return file;
  }
}
