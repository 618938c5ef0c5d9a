//! Random tests that fail only through a change of the code, unless `PROPTEST_CASES` asks for other cases.

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestCaseResult, TestRng, TestRunner};

/// Tries this many cases, the same ones each time, or as many new ones as `PROPTEST_CASES` says.
pub(crate) fn try_all<S: Strategy>(cases: u32, strategy: &S, holds: impl Fn(&S::Value) -> TestCaseResult) {
    #[expect(clippy::disallowed_methods, reason = "whether the number of cases is said is a matter of the test")]
    let said = std::env::var_os("PROPTEST_CASES").is_some();
    let config = ProptestConfig { failure_persistence: None, max_shrink_iters: 2000, ..ProptestConfig::default() };
    let mut runner = if said {
        TestRunner::new(config)
    } else {
        TestRunner::new_with_rng(ProptestConfig { cases, ..config }, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
    };
    runner.run(strategy, |case| holds(&case)).unwrap_or_else(|failure| panic!("{failure}"));
}
