"""What differences of forms call the kinds of questions, what these set, and what they accept."""

from feel.text import Text

KINDS = {
    "text": Text("一行文字", "one line of text"),
    "textarea": Text("多行文字", "text"),
    "number": Text("数字", "number"),
    "money": Text("金额", "amount of money"),
    "date": Text("日期", "date"),
    "datetime": Text("日期和时间", "date and time"),
    "time": Text("时间", "time of day"),
    "duration": Text("时长", "length of time"),
    "yes_no": Text("是或否", "yes or no"),
    "choice": Text("选一项", "one choice"),
    "choices": Text("选几项", "several choices"),
    "phone": Text("电话", "telephone"),
    "resident_id": Text("身份证号", "resident ID"),
    "person": Text("姓名", "person's name"),
    "address": Text("地址", "address"),
    "place": Text("事发地", "place"),
    "unit": Text("一个单位", "one unit"),
    "units": Text("几个单位", "several units"),
    "position": Text("定位", "position"),
    "files": Text("附件", "files"),
    "list": Text("可增减行的列表", "list of rows"),
    "people": Text("当事人等人员", "parties and other people"),
    "staff": Text("一名工作人员", "one of the staff"),
    "note": Text("一段说明", "note to read"),
    "rating": Text("1 至 5 星", "1 to 5 stars"),
}
SETS = {
    "title": Text("标题", "title"),
    "place": Text("地点", "place"),
    "category": Text("类别", "category"),
    "priority": Text("紧急程度", "priority"),
    "channel": Text("来源", "channel"),
    "risk": Text("风险等级", "risk"),
    "against": Text("反映的单位", "unit reported against"),
    "due": Text("来件单位要求的办结时间", "end that the sender has set"),
}
CITIZEN = {
    "answer": Text("答复群众的内容", "the answer to the citizen"),
    "opinion": Text("群众评价：是否满意", "the citizen's rating: the opinion"),
    "solved": Text("群众评价：是否解决", "the citizen's rating: whether it is solved"),
    "stars": Text("群众评价：评分", "the citizen's rating: the stars"),
    "words": Text("群众评价：原话", "the citizen's rating: the words"),
    "reasons": Text("群众评价：不满意的原因", "the citizen's rating: why dissatisfied"),
}
ACCEPTS = {
    "any": Text("任何附件", "any file"),
    "photo": Text("照片", "photos"),
    "document": Text("文件", "documents"),
}
