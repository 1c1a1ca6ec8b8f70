/**
 * Loaded before `dev/stack/functions-host.ts`, which makes the triggers' subscriptions when it starts and cannot start
 * a second time, when they are there. In production they are Eventarc's, and a function that dies and comes back finds
 * them: so does it here. They get no retry policy, for the reason that `withoutRetryPolicy` gives.
 */
import { Topic } from '@google-cloud/pubsub';

const ALREADY_EXISTS = 6; // google.rpc.Code

type Create = (name: string, options?: object) => Promise<unknown>;
const prototype = Topic.prototype as unknown as { createSubscription: Create };
const create = prototype.createSubscription;

prototype.createSubscription = async function createOrKeep(
  this: Topic,
  name: string,
  { ackDeadlineSeconds }: { ackDeadlineSeconds?: number } = {},
): Promise<unknown> {
  try {
    return await create.call(this, name, { ackDeadlineSeconds });
  } catch (error) {
    if ((error as { code?: number }).code !== ALREADY_EXISTS) throw error;
    return [this.subscription(name)];
  }
};
