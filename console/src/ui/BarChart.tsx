/** Bars over time. What it shows is said in its label; each bar says its own figure. */
import { Text } from "@radix-ui/themes";

export interface Bar {
  from: number;
  value: number;
  /** What the bar says on hover. */
  title: string;
  marked?: boolean;
}

interface BarChartProps {
  label: string;
  bars: Bar[];
  /** The highest value in words. */
  highest: string;
}

const HEIGHT = 100;
const WIDTH = 10;
const GAP = 2;
const short = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

export function BarChart({ label, bars, highest }: BarChartProps) {
  const top = Math.max(...bars.map(({ value }) => value), 0);
  const [first, last] = [bars[0], bars.at(-1)];
  if (!first || !last || top === 0) return null;
  return (
    <figure className="chart">
      <figcaption className="chart-head">
        <Text size="1" weight="medium">
          {label}
        </Text>
        <Text size="1" color="gray">
          at most {highest}
        </Text>
      </figcaption>
      <svg viewBox={`0 0 ${bars.length * WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${label}: at most ${highest}`}>
        {bars.map((bar, index) => {
          const height = Math.max((bar.value / top) * HEIGHT, bar.value > 0 ? 2 : 0);
          return (
            <g key={bar.from}>
              <title>{bar.title}</title>
              <rect x={index * WIDTH} y={0} width={WIDTH} height={HEIGHT} className="chart-back" />
              <rect
                x={index * WIDTH + GAP / 2}
                y={HEIGHT - height}
                width={WIDTH - GAP}
                height={height}
                className={bar.marked ? "chart-bar chart-marked" : "chart-bar"}
              />
            </g>
          );
        })}
      </svg>
      <div className="chart-axis">
        <Text size="1" color="gray">
          {short.format(first.from)}
        </Text>
        <Text size="1" color="gray">
          now
        </Text>
      </div>
    </figure>
  );
}

/** Returns a bucket's span in words. */
export function span(from: number, to: number): string {
  return `${short.format(from)} – ${short.format(to)}`;
}
