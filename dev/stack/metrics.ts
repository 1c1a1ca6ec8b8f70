/** The sum of the samples that begin like this, of a page of metrics in Prometheus's text format. */
export const sumOfSamples = (metrics: string, beginning: string): number =>
  metrics
    .split('\n')
    .filter((line) => line.startsWith(beginning))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
