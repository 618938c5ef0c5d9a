//! The harsh sandbox: no row that is late, missing or shown in both lists costs a verdict or starts a job again.

use crate::virtual_world::VirtualWorld;

const SCENARIO: &str = "harsh = true\n[[task]]\nname = 'm_short'\ntakes = '2s'\n[[task]]\nname = 'm_load'\n\
    takes = '20s'\nends = ['success', 'failure', 'warning']";

#[test]
fn each_run_gets_its_verdict_however_late_its_rows_are() {
    for faults in [&[][..], &["start:lost-answer"]] {
        let world = VirtualWorld::new(SCENARIO, faults);
        for (run_id, expected) in [(1, 0), (2, 3), (3, 1)] {
            assert_eq!(world.run("start m_load --wait").code, expected, "run {run_id}, {faults:?}");
            assert_eq!(world.run("start m_short --wait").code, 0, "run {run_id}, {faults:?}");
        }
        assert_eq!(world.started().len(), 6, "{faults:?}");
    }
}
