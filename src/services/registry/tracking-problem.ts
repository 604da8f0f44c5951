/** Why a run could not be read from its tracking server, in a sentence for people. It is no fault of Mooring's: the link shows it. */
export class TrackingProblem extends Error {
  /**
   * @param message names no secret, since whoever may read the link sees it
   * @param lasting whether asking again cannot help: the run is not there, or is another experiment's
   */
  constructor(
    message: string,
    readonly lasting = false,
  ) {
    super(message);
    this.name = 'TrackingProblem';
  }
}
