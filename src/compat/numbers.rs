//! RunAJob's numbers, in which scripts written for it read the end of this program.

use crate::compat::arguments::WaitOption;
use crate::support::exit::Exit;

/// The number for an exit. `nowait_exit` is the number that the settings give for "accepted, not waited for".
///
/// A start of unknown fate is 5, never 7: schedulers start again on 7. RunAJob's "timeout", 4, is never used: a job that
/// goes on is 6. The vendor documents the numbers under "job status codes" of the RunAJob utility.
pub fn number(exit: Exit, wait: WaitOption, nowait_exit: Option<u8>) -> u8 {
    match exit {
        Exit::Good => match wait {
            WaitOption::ToTheEnd => 0,
            WaitOption::No => nowait_exit.unwrap_or(2),
            WaitOption::NoWait => nowait_exit.unwrap_or(0),
        },
        Exit::Warning => 1,
        Exit::Failed | Exit::Stopped | Exit::AlreadyRunning | Exit::Suspended => 3,
        Exit::NotFound | Exit::Unknown | Exit::Usage | Exit::Credentials | Exit::Config => 5,
        Exit::TimedOut | Exit::Running | Exit::Interrupted | Exit::Terminated => 6,
        Exit::NotRun => 7,
        // -1 in a byte.
        Exit::Unreachable | Exit::Bug => 255,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table() {
        let rows = [
            (0, 0),
            (1, 1),
            (3, 3),
            (4, 6),
            (5, 3),
            (6, 6),
            (7, 7),
            (8, 3),
            (9, 5),
            (10, 5),
            (11, 3),
            (64, 5),
            (69, 255),
            (70, 255),
            (77, 5),
            (78, 5),
            (130, 6),
            (143, 6),
        ];
        assert_eq!(rows.len(), Exit::ALL.len());
        for (exit, expected) in rows {
            let exit = Exit::ALL.into_iter().find(|known| known.code() == exit).unwrap();
            assert_eq!(number(exit, WaitOption::ToTheEnd, Some(42)), expected, "{exit:?}");
        }
        for exit in Exit::ALL {
            for wait in [WaitOption::ToTheEnd, WaitOption::No, WaitOption::NoWait] {
                assert_ne!(number(exit, wait, None), 4);
            }
        }
    }

    #[test]
    fn accepted_is_2_or_0_or_what_the_settings_say() {
        assert_eq!(number(Exit::Good, WaitOption::No, None), 2);
        assert_eq!(number(Exit::Good, WaitOption::NoWait, None), 0);
        for wait in [WaitOption::No, WaitOption::NoWait] {
            assert_eq!(number(Exit::Good, wait, Some(6)), 6);
            assert_eq!(number(Exit::NotRun, wait, Some(6)), 7);
        }
    }
}
