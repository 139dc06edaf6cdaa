"""Words of patent titles, holders and classes, for catalogues made for measuring."""

from typing import Final

from stdnum.cn import uscc

from shared_schema.industry import industries

_WORDS_TEXT: Final = """
图像识别 深度学习 控制方法 制备方法 处理系统 检测装置 锂离子电池 隐私计算 联邦学习 神经网络
驱动电路 正极材料 散热结构 通信基站 工业机器人 机器视觉 无人机 污水处理 复合材料 疫苗载体
蛋白表达 肿瘤标志物 光伏组件 储能系统 芯片封装 激光切割 超声焊接 注塑模具 电磁阀门 滚动轴承
液压油缸 行星齿轮 永磁电机 冷却水路 温度补偿 压力容器 真空镀膜 纳米颗粒 石墨烯 碳纤维 钛合金
铝型材 稀土永磁 聚乳酸 环氧树脂 水凝胶 生物酶 发酵罐 益生菌 中药提取物 茶多酚 荔枝保鲜 水稻育种
土壤修复 灌溉系统 农用薄膜 饲料添加剂 水产养殖 海水淡化 膜组件 除尘设备 烟气脱硝 余热回收
热泵机组 空调器 压缩机 制冷剂 燃料电池 质子交换膜 充电桩 动力总成 线控转向 悬架系统 车载雷达
毫米波 天线阵列 光纤耦合 量子密钥 区块链 智能合约 身份认证 访问控制 日志审计 任务调度 缓存淘汰
语音增强 自然语言 知识图谱 推荐算法 点云配准 目标跟踪 缺陷检测 字符识别 医学影像 心电监测 血糖仪
呼吸机 骨科植入物 导管支架 手术器械 康复外骨骼 护理床 轮椅 建筑模板 装配式墙体 抗震支座 隧道衬砌
桥梁缆索 盾构刀盘 混凝土泵车 塔式起重机 电梯门机 输送皮带 立体仓库 包装机械 印刷辊筒 织物印染
染料分子 阻燃剂 粘合剂 涂料组合物 陶瓷釉料 玻璃基板 液晶面板 有机发光 背光模组 触控电极 连接器
柔性线路板 电容器 变压器 断路器 继电保护 配电网 微电网 风力叶片 塔筒法兰 海缆敷设 船舶推进
港口岸桥 轨道扣件 受电弓 航空蒙皮 卫星姿态 餐桌 座椅 灯具 水龙头 门锁
"""
WORDS: Final = tuple(_WORDS_TEXT.split())
"""The first ones are the commonest, as the maker weighs them."""

TAILS: Final = ("方法", "方法及系统", "装置", "设备及其控制方法", "制备工艺", "系统", "结构")
_IPC_TEXT: Final = """
H04L 9/32|G06F 17/30|A61K 9/00|C02F 1/00|H01M 4/36|G06V 10/82|B25J 9/16|C08L 67/04|F16K 31/06|
H02J 3/38|G01N 33/68|A01G 25/00|B60L 53/10|C22C 14/00|G02F 1/13|E04B 1/58|B29C 45/26|G06N 3/08|
F24F 11/62|H05K 1/02|A61B 5/318|C12N 9/24|D06P 1/00|B65G 1/04
"""
IPC: Final = tuple(_IPC_TEXT.replace("\n", "").split("|"))
INDUSTRIES: Final = tuple(code for code in industries() if len(code) > 1)
_SEATS: Final = (
    ("广州", "440100"),
    ("深圳", "440300"),
    ("佛山", "440600"),
    ("东莞", "441900"),
    ("珠海", "440400"),
    ("江门", "440700"),
    ("杭州", "330100"),
    ("北京", "110000"),
)
_NAMES: Final = ["岭南", "珠江", "粤海", "南方", "华兴", "中科", "恒达", "鼎新", "云图", "天工"]
_FORMS: Final = (
    ("大学", "university"),
    ("理工大学", "university"),
    ("材料研究院", "institute"),
    ("电子科技有限公司", "enterprise"),
    ("精密仪器有限公司", "enterprise"),
    ("生物医药有限公司", "enterprise"),
)


def _holder(
    place: int, name: str, *, seat: tuple[str, str], form: tuple[str, str]
) -> dict[str, str]:
    code = f"91{seat[1]}MA{place:07d}"
    return {
        "name": f"{seat[0]}{name}{form[0]}",
        "kind": form[1],
        "credit_code": code + str(uscc.calc_check_digit(code)),
    }


HOLDERS: Final = tuple(
    _holder(place, name, seat=seat, form=form)
    for place, (seat, name, form) in enumerate(
        (seat, name, form) for seat in _SEATS for name in _NAMES for form in _FORMS
    )
)
"""Some 480 names with codes whose check characters fit."""
