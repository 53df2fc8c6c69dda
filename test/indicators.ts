import type { AlertView } from '../src/db/alert-view.ts';
import type { MessageView } from '../src/db/message-view.ts';
import type { DeliverySettings, Evidence, Figure, Indicator, Indicators } from '../src/indicators/types.ts';
import { noIndicators } from '../src/playbook/read-indicators.ts';

/** An indicator with nothing to evaluate: few logins, a risk of medium severity. */
export function makeIndicator(overrides: Partial<Indicator> = {}): Indicator {
  return {
    id: 'few_logins',
    name: 'Few logins',
    kind: 'risk',
    severity: 'medium',
    rules: [],
    says: 'Only {value} logins in 7 days, fewer than {threshold}; {previous} before.',
    action: 'Ask what keeps them from it.',
    task: null,
    links: [],
    facts: [],
    evaluationsInARow: 1,
    coolDownDays: 0,
    segments: [],
    exceptSegments: [],
    churned: false,
    ...overrides,
  };
}

/** A pack's indicators. */
export function makeIndicators(list: readonly Indicator[], delivery: Partial<DeliverySettings> = {}): Indicators {
  const none = noIndicators();
  return { ...none, list, delivery: { ...none.delivery, ...delivery } };
}

/** A deciding figure: 12.53%, more than 10%. */
export function makeFigure(overrides: Partial<Figure> = {}): Figure {
  return {
    text: 'failure_rate',
    metric: null,
    unit: 'percent',
    value: 12.53,
    operator: '>',
    threshold: 10,
    ...overrides,
  };
}

/** Why an alert is as it is, by one figure. */
export function makeEvidence(figure: Partial<Figure> = {}, overrides: Partial<Evidence> = {}): Evidence {
  return {
    figures: [makeFigure(figure)],
    previous: 4.2,
    windowDays: 7,
    dataAt: '2026-11-24T09:48:00Z',
    first: false,
    ...overrides,
  };
}

/** An open alert of Acme, three days old on 24 November 2026, of which nothing else is known. */
export function makeAlertView(overrides: Partial<AlertView> = {}): AlertView {
  const evidence = overrides.evidence ?? makeEvidence();
  return {
    id: 7,
    indicator: 'few_logins',
    subject: '',
    kind: 'risk',
    severity: 'medium',
    state: 'active',
    openedAt: new Date('2026-11-21T08:00:00Z'),
    openedDay: '2026-11-21',
    changedAt: new Date('2026-11-24T10:00:00Z'),
    snoozedUntil: null,
    changedBy: null,
    resolution: null,
    evidence,
    latest: evidence,
    account: {
      id: 'acme',
      name: 'Acme',
      domain: null,
      csmEmail: 'maya@bellwether.example',
      arr: null,
      currency: 'USD',
      renewalDate: null,
    },
    health: null,
    votes: { useful: 0, notUseful: 0 },
    task: null,
    movedTo: null,
    facts: [],
    said: {},
    invoice: null,
    madeAs: null,
    ...overrides,
  };
}

/** A message of the outbox that holds these alerts, for Maya. */
export function makeMessageView(alerts: readonly AlertView[], overrides: Partial<MessageView> = {}): MessageView {
  return {
    id: 1,
    kind: 'alert',
    ownerEmail: 'maya@bellwether.example',
    detour: null,
    notice: null,
    alerts,
    ...overrides,
  };
}
