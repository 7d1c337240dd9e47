/** Of English text; of others there are fewer. */
const BYTES_PER_TOKEN = 4;

/** About how many tokens a text of so many bytes has, where it isn't worth measuring. */
export function roughTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** About how many bytes a text of so many tokens has. */
export function roughBytes(tokens: number): number {
  return tokens * BYTES_PER_TOKEN;
}
