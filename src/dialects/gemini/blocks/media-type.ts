/** Media types by the ends of addresses, as far as Google takes them (https://ai.google.dev/gemini-api/docs/file-input-methods). */
const BY_EXTENSION: ReadonlyMap<string, string> = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["webp", "image/webp"],
  ["heic", "image/heic"],
  ["heif", "image/heif"],
  ["gif", "image/gif"],
  ["bmp", "image/bmp"],
  ["pdf", "application/pdf"],
  ["txt", "text/plain"],
  ["md", "text/markdown"],
  ["csv", "text/csv"],
  ["html", "text/html"],
  ["xml", "text/xml"],
  ["json", "application/json"],
  ["wav", "audio/wav"],
  ["mp3", "audio/mp3"],
  ["aac", "audio/aac"],
  ["ogg", "audio/ogg"],
  ["flac", "audio/flac"],
  ["mp4", "video/mp4"],
  ["mov", "video/mov"],
  ["webm", "video/webm"],
  ["mpeg", "video/mpeg"],
]);

/** What an address most likely holds where it doesn't end like any of the above. */
const USUAL = {
  image: "image/jpeg",
  audio: "audio/mp3",
  video: "video/mp4",
  document: "application/pdf",
} as const;

/** The media type to name with an address, which Google demands and other dialects leave out. */
export function mediaTypeOfAddress(address: string, kind: keyof typeof USUAL): string {
  const path = URL.parse(address)?.pathname ?? "";
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return BY_EXTENSION.get(extension) ?? USUAL[kind];
}
