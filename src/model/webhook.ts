/** How one attempt at sending a webhook message went. */
export interface WebhookResult {
  readonly isDelivered: boolean;
  /** The receiver's status; absent where it did not answer. */
  readonly status?: number;
  /** Why it was not delivered, for people. */
  readonly problem?: string;
}
