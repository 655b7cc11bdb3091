/** What reaches a child of a flow: commands of the outside, and the inputs that the supervisor makes itself. */
import type { SagaInput } from '../domains/kernel/saga.ts';
import type { DecodedEvent } from './decode.ts';
import type { Answer } from './ports/commander.ts';

export type Input = SagaInput<unknown, DecodedEvent, unknown>;
export interface Command {
  readonly type: string;
}
export type Mail = Command | Input;

const INPUTS: ReadonlySet<string> = new Set([
  'Started',
  'Accepted',
  'Rejected',
  'Fact',
  'Requested',
  'DeadlinePassed',
] satisfies Input['type'][]);
export const isInput = (mail: Mail): mail is Input => INPUTS.has(mail.type);

/** What an answer to a step tells the flow; undefined: nothing, so that the step is sent again. */
export const toInput = (step: string, answer: Answer): Input | undefined => {
  switch (answer.kind) {
    case 'accepted':
      return { type: 'Accepted', step, reply: answer.reply };
    case 'rejected':
      return { type: 'Rejected', step, rejection: answer.rejection };
    case 'reused':
    case 'unavailable':
    case 'faulted':
      return undefined;
  }
};
