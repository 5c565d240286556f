import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { DashboardClient } from '../../dashboard/dashboard.interfaces.js';
import { Identity } from '../identity.js';

/** What the server sends if no reason is given. */
const DEFAULT_REASON = 'Disconnected by an operator';
/** The most bytes that a close reason can have (RFC 6455, section 5.5). */
const MAX_REASON = 123;

interface Props {
  readonly client: DashboardClient;
  readonly onConfirm: (reason: string) => void;
  readonly onClose: () => void;
}

/** Asks before a client is disconnected. */
export function DisconnectDialog({ client, onConfirm, onClose }: Props): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState('');
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="disconnect-title" onClose={onClose}>
      <form method="dialog" onSubmit={() => onConfirm(reason.trim())}>
        <h2 id="disconnect-title">Disconnect this client?</h2>
        <p class="identity">
          <Identity {...client} />
        </p>
        <p class="soft">It receives a close frame with the reason, and may connect again.</p>
        <label class="field">
          <span>Reason</span>
          <input
            name="reason"
            value={reason}
            placeholder={DEFAULT_REASON}
            maxLength={MAX_REASON}
            autocomplete="off"
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </label>
        <p class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class="danger" data-action="confirm">
            Disconnect
          </button>
        </p>
      </form>
    </dialog>
  );
}
