/** One server-sent event; Anthropic's clients go by its name. */
export function eventBytes(name: string, payload: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(payload)}\n\n`;
}
