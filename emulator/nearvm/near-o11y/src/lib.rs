//! Counters that nobody collects: what near-vm-runner uses of the crate of this name.
pub mod metrics {
    pub use prometheus::{HistogramVec, IntCounterVec, IntGaugeVec};
    use prometheus::{HistogramOpts, Opts, Result};

    type Labels<'a> = &'a [&'a str];
    pub fn try_create_histogram_vec(n: &str, h: &str, l: Labels, _: Option<Vec<f64>>) -> Result<HistogramVec> {
        HistogramVec::new(HistogramOpts::new(n, h), l)
    }
    pub fn try_create_int_counter_vec(n: &str, h: &str, l: Labels) -> Result<IntCounterVec> {
        IntCounterVec::new(Opts::new(n, h), l)
    }
    pub fn try_create_int_gauge_vec(n: &str, h: &str, l: Labels) -> Result<IntGaugeVec> {
        IntGaugeVec::new(Opts::new(n, h), l)
    }
}
