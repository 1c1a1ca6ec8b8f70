import type { Backlog } from '../drain/backlog.ts';
import { verifyPublished } from '../published.ts';
import { SENDER } from '../sender.ts';

/**
 * Every message has a document that says `queued`, and is once in its lane, which is empty afterwards. @throws
 * TurnError
 */
export async function verifyAccepted(backlog: Backlog, messages: number): Promise<void> {
  await backlog.verify(messages, 'queued');
  await verifyPublished({
    projectId: backlog.projectId,
    subscription: backlog.names.laneSubscription(SENDER.id, 'normal'),
    attribute: 'message_id',
    messages,
  });
}
