"""The words of the page about what runs by itself."""

from typing import Final

from shared_schema.bilingual import Words

JOBS: Final = {
    "chores": Words("每小时清理：过期凭据、审计归档、闲置账号", "Hourly chores"),
    "audit_sealing": Words("审计封链", "Sealing the audit trail"),
    "key_ends": Words("密钥停用与清退", "Ends of nodes' keys"),
    "snapshots": Words("日志快照", "Snapshots of the log"),
    "monthly_issues": Words("月刊文件", "Files of monthly issues"),
    "alarms": Words("警报巡视", "Looking for alarms"),
}
JOB_WORDS: Final = {
    "jobs_title": Words("运行", "Jobs"),
    "alarms": Words("警报", "Alarms"),
    "no_alarms": Words("没有警报。", "No alarm stands."),
    "alarm": Words("警报", "Alarm"),
    "since": Words("自", "Since"),
    "alarm_about": Words("对象", "About"),
    "what_to_do": Words("怎么办", "What to do"),
    "critical": Words("严重", "critical"),
    "queues": Words("队列", "Queues"),
    "log_queue": Words("待登记入日志", "Waiting for the log"),
    "held": Words("搁置的条目", "Held entries"),
    "reviews": Words("待审", "Waiting for review"),
    "mail": Words("待发邮件", "Letters to send"),
    "unsealed": Words("待封审计记录", "Audit records to seal"),
    "oldest": Words("最早 {0}", "oldest since {0}"),
    "loops": Words("循环任务", "Loops"),
    "loops_caption": Words("各任务最近一次运行", "The last round of each"),
    "job": Words("任务", "Job"),
    "ran_at": Words("最近完成", "Last done"),
    "seconds": Words("用时", "Took"),
    "seconds_value": Words("{0} 秒", "{0} s"),
    "next_at": Words("下次不晚于", "Next at the latest"),
    "failed_at": Words("最近失败", "Last failure"),
    "late": Words("迟了", "late"),
    "failing": Words("失败中", "failing"),
    "fine": Words("正常", "fine"),
    "state": Words("状态", "State"),
    "never": Words("从未", "never"),
    "no_loops": Words(
        "还没有任务运行过：serve 或 worker 没有启动？",
        "Nothing has run yet: is serve or worker started?",
    ),
    "process_note": Words(
        "登记程序（sequencer）持续运行，不列在此：看“待登记入日志”是否堆积。",
        "The sequencer works all the time and is not listed: see whether the queue for the log"
        " grows.",
    ),
}
