import type { AnyBlock, ConfirmationDialog } from '@slack/types';
import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useState } from 'react';
import type { InputValue, PageAction, StateValues } from '../../types.ts';
import { sendAction } from '../api.ts';
import { useConfirm } from '../dialog.tsx';
import { useWorkspace } from '../use-workspace.ts';
import { type BlockElement, collectState, initialValue } from './state.ts';

/** Where blocks lie: a message in a channel, or a view. */
export type Place = { channel: string; ts: string } | { view_id: string };

/** What the fields of some blocks hold. */
export type Form = {
  valueOf: (blockId: string, element: BlockElement) => InputValue | null;
  change: (blockId: string, actionId: string, value: InputValue) => void;
  /** Everything, as payloads carry it. */
  collect: () => StateValues;
};

type Surface = {
  place: Place;
  form: Form;
  /** What is wrong, by block_id. */
  errors: Record<string, string>;
  /** Tells the bot, unless that action is still under way. */
  act: (action: PageAction) => Promise<void>;
  /** True while the bot has not answered that action. */
  isBusy: (blockId: string, actionId: string) => boolean;
};

const NO_ERRORS: Record<string, string> = {};
const NO_STATE: StateValues = {};
const SurfaceContext = createContext<Surface | null>(null);

/** Holds what a person enters in `blocks`; it survives an update of the blocks, as in Slack. */
export function useForm(blocks: AnyBlock[], stored: StateValues = NO_STATE, channel: string | null = null): Form {
  const [changed, setChanged] = useState<StateValues>({});
  const latest = useRef(changed);
  return useMemo(
    () => ({
      valueOf: (blockId, element) => {
        const actionId = 'action_id' in element ? (element.action_id ?? '') : '';
        return changed[blockId]?.[actionId] ?? stored[blockId]?.[actionId] ?? initialValue(element, channel);
      },
      change: (blockId, actionId, value) => {
        latest.current = { ...latest.current, [blockId]: { ...latest.current[blockId], [actionId]: value } };
        setChanged(latest.current);
      },
      collect: () => collectState(blocks, latest.current, stored, channel),
    }),
    [changed, blocks, stored, channel],
  );
}

/** Gives the elements below it a form and a way to the bot. */
export function SurfaceProvider(props: {
  place: Place;
  form: Form;
  errors?: Record<string, string>;
  children: ReactNode;
}) {
  const { place, form, errors = NO_ERRORS } = props;
  const { me, attempt } = useWorkspace();
  const [busy, setBusy] = useState<string[]>([]);
  const surface = useMemo<Surface>(
    () => ({
      place,
      form,
      errors,
      isBusy: (blockId, actionId) => busy.includes(`${blockId}/${actionId}`),
      act: async (action) => {
        const key = `${action.block_id}/${action.action_id}`;
        if (busy.includes(key)) return;
        setBusy((before) => [...before, key]);
        const channel = 'channel' in place ? place.channel : null;
        await attempt(channel, sendAction({ user: me, ...place, action, state: form.collect() }));
        setBusy((before) => before.filter((one) => one !== key));
      },
    }),
    [place, form, errors, busy, me, attempt],
  );
  return <SurfaceContext value={surface}>{props.children}</SurfaceContext>;
}

/** The surface around an element. */
export function useSurface(): Surface {
  const surface = use(SurfaceContext);
  if (surface === null) throw new Error('useSurface() needs a SurfaceProvider around it');
  return surface;
}

/** What each drawing of an element is given. */
export type ElementProps<E extends BlockElement> = {
  element: E;
  blockId: string;
  /** Ids of what labels and describes it; without a label it names itself. */
  labelledBy?: string;
  describedBy?: string;
  invalid?: boolean;
  /** Whether a change is told to the bot at once: not in an input block, unless it asks. */
  dispatches: boolean;
};

/** The value of an element, and how to change it: asks for confirmation, keeps it, tells the bot. */
export function useElement(props: ElementProps<BlockElement>): {
  value: InputValue | null;
  busy: boolean;
  commit: (value: InputValue) => Promise<void>;
  keep: (value: InputValue) => void;
  send: (value: InputValue) => Promise<void>;
} {
  const { element, blockId, dispatches } = props;
  const { form, act, isBusy } = useSurface();
  const confirm = useConfirm();
  const actionId = 'action_id' in element ? (element.action_id ?? '') : '';
  const asks: ConfirmationDialog | undefined = 'confirm' in element ? element.confirm : undefined;

  const keep = useCallback(
    (value: InputValue) => form.change(blockId, actionId, value),
    [form.change, blockId, actionId],
  );
  const send = async (value: InputValue) => {
    if (!dispatches || !(await confirm(asks))) return;
    await act({ ...value, block_id: blockId, action_id: actionId });
  };
  const commit = async (value: InputValue) => {
    if (!(await confirm(asks))) return;
    keep(value);
    if (dispatches) await act({ ...value, block_id: blockId, action_id: actionId });
  };
  return { value: form.valueOf(blockId, element), busy: isBusy(blockId, actionId), commit, keep, send };
}
