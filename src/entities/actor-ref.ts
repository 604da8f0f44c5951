/** Who acts, in which request: what every row that tells of a change carries. The actors of `identity`, which also have roles, fit it. */
export interface ActorRef {
  readonly name: string;
  readonly requestId: string;
}
