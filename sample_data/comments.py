"""What customers write beneath their score."""

import numpy as np

from sample_data.draws import Ints, Words
from sample_data.seasons import Floats

_HAPPY = (
    "Nhân viên nhiệt tình, tư vấn rất kỹ.",
    "Giao hàng nhanh, đóng gói cẩn thận.",
    "Tổng đài trả lời nhanh hơn hẳn mấy tháng trước.",
    "Rất hài lòng, sẽ quay lại.",
    'Bạn trực chat nói "để em kiểm tra ngay" và năm phút sau có kết quả thật.',
    "Đổi size dễ dàng, không phải chờ lâu.",
    "Cửa hàng sạch sẽ, dễ tìm đồ.",
    "Cảm ơn Sao Mai!",
)
_NEUTRAL = (
    "Tạm được, nhưng phải gọi hai lần mới gặp đúng người.",
    "Hàng ổn, giao hơi trễ so với hẹn.",
    "Giá hợp lý; bao bì nên chắc hơn.",
    "Nhân viên lịch sự, xử lý còn chậm.",
    "Bình thường.",
)
_UNHAPPY = (
    "Chờ gần nửa ngày mới có người trả lời, rất thất vọng.",
    'Tổng đài cứ bảo "vui lòng giữ máy", gọi ba lần đều như vậy.',
    "Giao nhầm mẫu, đổi lại mất một tuần.",
    "Hẹn gọi lại mà không ai gọi.",
    "Tiền hoàn về chậm, phải nhắc nhiều lần.",
    "Sản phẩm bị lỗi, nhân viên đổ cho vận chuyển.",
)
_WRITTEN = {"happy": 0.12, "neutral": 0.18, "unhappy": 0.34}


def comments(score: Ints, *, whether: Floats, which: Floats) -> Words:
    """Give a comment per answer, empty where none was written; the unhappy write more often."""
    moods = [score >= 4, score == 3, score <= 2]
    choices = [np.array(texts)[(which * len(texts)).astype(np.int64)] for texts in (_HAPPY, _NEUTRAL, _UNHAPPY)]
    written = np.select(moods, list(_WRITTEN.values()))
    return np.where(whether < written, np.select(moods, choices, ""), "")
