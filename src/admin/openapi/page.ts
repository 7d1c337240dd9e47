import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A page that is whole in itself. */
export interface Page {
  readonly html: string;
  /** Allows the page's own script and style by their digests, calls to its own origin, and nothing else. */
  readonly contentSecurityPolicy: string;
}

/** The browsable page of the administration API. It holds no data: it fetches the document with the visitor's key. */
export const documentationPage: Page = pageOf(part("page.html"), part("page.css"), part("page.js"));

function pageOf(frame: string, style: string, script: string): Page {
  return Object.freeze({
    html: frame.replace("/* style */", () => style).replace("/* script */", () => script),
    contentSecurityPolicy: [
      "default-src 'none'",
      `style-src '${digest(style)}'`,
      `script-src '${digest(script)}'`,
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ].join("; "),
  });
}

function part(name: string): string {
  return readFileSync(join(import.meta.dir, name), "utf8");
}

/** As browsers compute it (https://www.w3.org/TR/CSP3/#framework-directive-source-list). */
function digest(text: string): string {
  return `sha256-${new Bun.CryptoHasher("sha256").update(text).digest("base64")}`;
}
