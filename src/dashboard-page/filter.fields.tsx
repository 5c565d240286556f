import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { DashboardOverview } from '../dashboard/dashboard.interfaces.js';
import type { PageModel } from './page.model.js';
import type { Filters } from './route.js';

const LIMITS = { '50': '50', '100': '100', '250': '250' };
const DEFAULT_LIMIT = '100';
/** Pause after a key until the server is asked, ms. */
const TYPING = 250;

/** A filter: its name in the address, its value, and how to set it. */
interface Filter {
  readonly name: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

interface FieldProps extends Filter {
  readonly label: string;
}

/** Returns the filters of a view by their names. */
export function filtersOf(model: PageModel, filters: Filters) {
  return (name: string): Filter => ({
    name,
    value: filters[name] ?? '',
    onValue: (value) => model.filter({ [name]: value }),
  });
}

/** A field for text. Reports its value after a pause in typing. */
export function SearchField({
  label,
  name,
  value,
  onValue,
  hint,
}: FieldProps & { readonly hint: string }): JSX.Element {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const reported = useRef(value);
  useEffect(() => {
    // The address was changed by other means than this field.
    if (value !== reported.current) setText(value);
    reported.current = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const onInput = (typed: string): void => {
    setText(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      reported.current = typed;
      onValue(typed);
    }, TYPING);
  };
  return (
    <label class="field search">
      <span>{label}</span>
      <input
        type="search"
        name={name}
        value={text}
        placeholder={hint}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </label>
  );
}

interface SelectProps extends FieldProps {
  /** What '' means; left out if one of `options` is always chosen. */
  readonly all?: string;
  /** Values and their texts. */
  readonly options: Readonly<Record<string, string>>;
}

/** A field with a fixed choice. */
export function SelectField({
  label,
  name,
  value,
  all,
  options,
  onValue,
}: SelectProps): JSX.Element {
  // A value from the address that is no choice is shown nevertheless: the answer depends on it.
  const unknown = value !== '' && !Object.hasOwn(options, value);
  return (
    <label class="field">
      <span>{label}</span>
      <select
        name={name}
        value={value}
        onChange={({ currentTarget }) => onValue(currentTarget.value)}
      >
        {all !== undefined && <option value="">{all}</option>}
        {unknown && <option value={value}>{value}</option>}
        {Object.entries(options).map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A choice of the gateways that the servers have. */
export function GatewayField({
  overview,
  ...field
}: Filter & { readonly overview?: DashboardOverview }): JSX.Element | null {
  const gateways = overview?.snapshot.servers.flatMap((server) => server.gateways) ?? [];
  const options = Object.fromEntries(gateways.map((gateway) => [gateway, gateway]));
  return <SelectField {...field} label="Gateway" all="all" options={options} />;
}

/** A choice of how many rows an answer has at most. */
export function LimitField(field: Filter): JSX.Element {
  return (
    <SelectField {...field} label="Rows" value={field.value || DEFAULT_LIMIT} options={LIMITS} />
  );
}
