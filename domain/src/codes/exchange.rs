//! Long work.
use crate::codes;

codes! {
    JobState "job_state" "任务状态" "How far a job is" "" {
        Receiving = "receiving" "接收文件" "Its file is still coming",
        Queued = "queued" "排队" "It waits for a server that works on it",
        Running = "running" "进行中" "A server works on it",
        Done = "done" "完成" "It is done; what became of each row is in its report",
        Failed = "failed" "失败" "It could not be done, or not to its end",
        Cancelled = "cancelled" "已取消" "Somebody cancelled it; what was done stays",
    }
}
