/** A read of a provider's stream. */
export type Read =
  | { readonly done: false; readonly value: Uint8Array }
  | { readonly done: true; readonly value?: undefined };

/** What the relay needs of a body's reader. */
export interface Reader {
  read(): Promise<Read>;
  cancel(): Promise<void>;
}

/** The reader of a response's body, or undefined where it has none. */
export function readerOf(response: Response): Reader | undefined {
  const body: ReadableStream<Uint8Array> | null = response.body;
  return body === null ? undefined : (body.getReader() as Reader);
}
