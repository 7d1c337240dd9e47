/**
 * Secrets by their shape, wherever they stand: our own keys, the usual vendors' keys, bearer tokens. Linear patterns
 * written here, none of them from data. A vendor's prefix counts where a word begins, so that `risk-...` is no `sk-...`;
 * in a JSON text or a URL it may also begin behind an escape (`\nsk-...`, `%20sk-...`), which ends in a letter or digit.
 */
const SHAPES =
  /gha?_[A-Za-z0-9_-]{40,}|(?:\b|(?<=\\[bfnrt]|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}))(?:gha?_|sk-|sk_|gsk_|pk-|xai-|AIza|AKIA|hf_|r8_|nvapi-|pplx-|csk-|fw_)[A-Za-z0-9_-]{12,}|\b[Bb]earer(?: |%20)+[A-Za-z0-9._~+/=-]{8,}/g;

/** The text with everything that looks like a secret replaced. */
export function redactSecrets(text: string): string {
  return text.replace(SHAPES, "[redacted]");
}
