const LIMIT_BYTES = 16 * 1024;

/** The beginnings of a prompt and its answer, for projects that ask to have them logged. Bounded. */
export class ContentSample {
  #request = "";
  #answer = "";

  noteRequest(bytes: Uint8Array): void {
    this.#request = textOf(bytes);
  }

  noteAnswer(bytes: Uint8Array): void {
    const room = LIMIT_BYTES - this.#answer.length;
    if (room > 0) this.#answer += textOf(bytes.subarray(0, room));
  }

  texts(): { readonly request: string; readonly answer: string } {
    return { request: this.#request, answer: this.#answer };
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, LIMIT_BYTES));
}
