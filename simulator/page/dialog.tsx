import type { ConfirmationDialog } from '@slack/types';
import { createContext, type ReactNode, use, useCallback, useLayoutEffect, useRef, useState } from 'react';
import { plainText, TextView } from './text.tsx';

/** A modal dialog of the browser: it keeps the focus inside, and gives it back when it goes. */
export function Dialog(props: {
  labelledBy: string;
  describedBy?: string;
  role?: 'dialog' | 'alertdialog';
  className?: string;
  onCancel: () => void;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    focusFirst(dialog);
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      role={props.role}
      className={props.className}
      aria-labelledby={props.labelledBy}
      aria-describedby={props.describedBy}
      onCancel={(event) => {
        // Whether it goes is for the owner to say: a view may stay until the simulator closed it.
        event.preventDefault();
        if (event.target === ref.current) props.onCancel();
      }}
    >
      {props.children}
    </dialog>
  );
}

/** Focuses what asks for it, else the first field, else whatever comes first. */
export function focusFirst(within: HTMLElement | null): void {
  const wanted =
    within?.querySelector<HTMLElement>('[data-focus-on-load]') ??
    within?.querySelector<HTMLElement>('.dialog-body :is(input, textarea, button)') ??
    within?.querySelector<HTMLElement>('button:not(.icon-button)');
  wanted?.focus();
}

type Ask = (dialog: ConfirmationDialog) => Promise<boolean>;
const ConfirmContext = createContext<Ask>(() => Promise.resolve(true));

/** Asks the person to confirm; true when there is nothing to ask or they did. */
export function useConfirm(): (dialog: ConfirmationDialog | undefined) => Promise<boolean> {
  const ask = use(ConfirmContext);
  return useCallback((dialog) => (dialog === undefined ? Promise.resolve(true) : ask(dialog)), [ask]);
}

/** Draws the confirmation dialogs that `useConfirm` below it asks for. */
export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<{ dialog: ConfirmationDialog; answer: (yes: boolean) => void } | null>(null);
  const ask = useCallback<Ask>((dialog) => new Promise((resolve) => setAsked({ dialog, answer: resolve })), []);
  const answer = (yes: boolean) => {
    asked?.answer(yes);
    setAsked(null);
  };
  return (
    <ConfirmContext value={ask}>
      {children}
      {asked !== null && (
        <Dialog
          role="alertdialog"
          className="confirm"
          labelledBy="confirm-title"
          describedBy="confirm-text"
          onCancel={() => answer(false)}
        >
          <h2 id="confirm-title">
            {asked.dialog.title === undefined ? 'Are you sure?' : plainText(asked.dialog.title)}
          </h2>
          <div id="confirm-text">
            <TextView text={asked.dialog.text} />
          </div>
          <div className="dialog-buttons">
            <button type="button" className="button" onClick={() => answer(false)}>
              {asked.dialog.deny === undefined ? 'Cancel' : plainText(asked.dialog.deny)}
            </button>
            <button type="button" className={`button ${asked.dialog.style ?? 'primary'}`} onClick={() => answer(true)}>
              {asked.dialog.confirm === undefined ? 'Yes' : plainText(asked.dialog.confirm)}
            </button>
          </div>
        </Dialog>
      )}
    </ConfirmContext>
  );
}
