/** Something a person has to put right before the program can start: what is wrong, and what to do about it. */
export class StartupProblem extends Error {
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartupProblem';
    this.hint = hint;
  }
}

export const describeProblem = (problem: StartupProblem): string => `${problem.message}\n  ${problem.hint}`;

/** The `code` of a Node or Postgres error, if it has one. By shape: errors of another realm are no instances of ours. */
export const errorCode = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
