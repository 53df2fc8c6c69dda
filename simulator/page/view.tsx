import { useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Outcome, PageView, ViewOutcome } from '../types.ts';
import { explainError, sendView } from './api.ts';
import { Blocks } from './blocks/block.tsx';
import { SurfaceProvider, useForm } from './blocks/surface.tsx';
import { Dialog, focusFirst } from './dialog.tsx';
import { Icon } from './icons.tsx';
import { useWorkspace } from './use-workspace.ts';

/** The open modals, the topmost in view; those below keep what was entered. */
export function Modals() {
  const { state, me, attempt } = useWorkspace();
  const id = useId();
  const top = state.views.at(-1);
  if (top === undefined) return null;
  return (
    <Dialog
      className="modal"
      labelledBy={id}
      onCancel={() => void attempt(null, sendView({ user: me, view_id: top.id, submit: false }).then(closed))}
    >
      {state.views.map((view) => (
        <ModalView key={view.id} view={view} titleId={view.id === top.id ? id : undefined} />
      ))}
    </Dialog>
  );
}

function ModalView({ view, titleId }: { view: PageView; titleId: string | undefined }) {
  const { me, attempt } = useWorkspace();
  const place = useMemo(() => ({ view_id: view.id }), [view.id]);
  const form = useForm(view.blocks, view.state.values);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const frame = useRef<HTMLFormElement>(null);
  const onTop = titleId !== undefined;
  const hasInputs = view.blocks.some(({ type }) => type === 'input');
  const submitText = view.submit ?? (hasInputs ? 'Submit' : null);

  useEffect(() => {
    if (onTop) focusFirst(frame.current);
  }, [onTop]);

  useEffect(() => {
    const faulty = Object.keys(errors).length > 0;
    if (faulty) frame.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [errors]);

  const submit = async () => {
    if (busy) return;
    setBusy(true);
    setErrors({});
    setFailure(null);
    try {
      const outcome = await sendView({ user: me, view_id: view.id, submit: true, state: form.collect() });
      if (outcome.ok) return;
      if (outcome.errors !== undefined) setErrors(outcome.errors);
      else setFailure(explainError(outcome.error));
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  const close = () => void attempt(null, sendView({ user: me, view_id: view.id, submit: false }).then(closed));

  return (
    <form
      ref={frame}
      className="modal-view"
      hidden={!onTop}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <header>
        <h2 id={titleId}>{view.title}</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <div className="dialog-body">
        <SurfaceProvider place={place} form={form} errors={errors}>
          <Blocks blocks={view.blocks} />
        </SurfaceProvider>
      </div>
      <footer className="dialog-buttons">
        {failure !== null && (
          <p className="field-error" role="alert">
            <Icon name="warning" size={14} /> {failure}
          </p>
        )}
        <button type="button" className="button" onClick={close}>
          {view.close ?? (view.previous_view_id === null ? 'Cancel' : 'Back')}
        </button>
        {submitText !== null && (
          <button type="submit" className="button primary" aria-busy={busy}>
            {submitText}
          </button>
        )}
      </footer>
    </form>
  );
}

/** Closing has no fields to complain about. */
function closed(outcome: ViewOutcome): Outcome {
  return outcome.ok ? { ok: true } : { ok: false, error: 'error' in outcome ? outcome.error : 'not_found' };
}

/** The bot's Home tab. */
export function HomeTab() {
  const { store, readHome, state } = useWorkspace();

  // biome-ignore lint/correctness/useExhaustiveDependencies: opening it tells the bot, so once
  useEffect(() => readHome(), []);

  if (store.home === null) {
    return <p className="empty">{state.bot.name} has not put anything on its Home tab yet.</p>;
  }
  return <HomeView view={store.home} />;
}

function HomeView({ view }: { view: PageView }) {
  const place = useMemo(() => ({ view_id: view.id }), [view.id]);
  const form = useForm(view.blocks, view.state.values);
  return (
    <div className="home">
      <SurfaceProvider place={place} form={form}>
        <Blocks blocks={view.blocks} />
      </SurfaceProvider>
    </div>
  );
}
