/** Bytes of text per token, rather too few than too many: English has about four, Chinese three. */
export const FEW_BYTES_PER_TOKEN = 3;
