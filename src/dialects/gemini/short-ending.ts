/** What ends a stream that is cut at a bound on its output: a chunk that says so, as Google's last one does. */
export const SHORT_ENDING: string = `data: ${JSON.stringify({
  candidates: [{ content: { parts: [{ text: "" }], role: "model" }, finishReason: "MAX_TOKENS", index: 0 }],
})}\r\n\r\n`;
