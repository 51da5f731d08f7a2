//! Memory and CPU time of this process, under the names of Prometheus' own clients.

use std::fs;

use metrics::{counter, describe_counter, describe_gauge, gauge};
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::{TimeVal, TimeValLike},
};

const RESIDENT_MEMORY: &str = "process_resident_memory_bytes";
const CPU_SECONDS: &str = "process_cpu_seconds_total";

pub(super) fn describe() {
    describe_gauge!(RESIDENT_MEMORY, "Memory of the process that is in RAM");
    describe_counter!(CPU_SECONDS, "CPU time of the process, in whole seconds");
}

/// Measures this process. What the system does not tell is left out.
pub fn record_process() {
    if let Some(bytes) = resident_bytes() {
        gauge!(RESIDENT_MEMORY).set(bytes as f64);
    }
    if let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) {
        let time: TimeVal = usage.user_time() + usage.system_time();
        counter!(CPU_SECONDS).absolute(time.num_seconds().unsigned_abs());
    }
}

/// `VmRSS:     8364 kB` of Linux.
fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kilobytes * 1024)
}
