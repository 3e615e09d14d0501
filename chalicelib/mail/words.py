"""
Every sentence of the letters, in English and in Vietnamese side by side, so that neither can lack one.

{name} is filled in by `say`, with figures and with names from the catalogue only: nothing that a
visitor typed ever comes here.
"""

LANGUAGES = ("en", "vi")

WORDS: dict[str, tuple[str, str]] = {
    "next": ("What happens next", "Các bước tiếp theo"),
    "reference": ("Reference number", "Mã yêu cầu"),
    "fallback": (
        "If the button does not work, copy this address into your browser:",
        "Nếu nút trên không hoạt động, hãy sao chép địa chỉ này vào trình duyệt:",
    ),
    "until": (
        "The link works once, until {until} (Vietnam time).",
        "Liên kết chỉ dùng được một lần, đến {until} (giờ Việt\u00a0Nam).",
    ),
    "reply": (
        "A question, or something to change? Just reply to this email.",
        "Bạn có câu hỏi hoặc muốn thay đổi điều gì? Chỉ cần trả lời email này.",
    ),
    "why.visitor": (
        (
            "You get this email because this address was entered with a request on our site. If that was"
            " not you, please ignore it, or reply and we will erase the address."
        ),
        (
            "Bạn nhận được email này vì địa chỉ của bạn đã được nhập khi gửi yêu cầu trên trang của chúng"
            " tôi. Nếu không phải bạn gửi, hãy bỏ qua email này, hoặc trả lời để chúng tôi xóa địa chỉ."
        ),
    ),
    "why.lead": (
        "You get this email because mails about new leads are switched on for your account.",
        "Bạn nhận được email này vì tài khoản của bạn đang bật thông báo khách hàng mới qua email.",
    ),
    "why.announcement": (
        "You get this email because you have an account with Plumbline.",
        "Bạn nhận được email này vì bạn có tài khoản tại Plumbline.",
    ),
    "why.sign_up": (
        "You get this email because this address was used to sign up on our site.",
        "Bạn nhận được email này vì địa chỉ của bạn đã được dùng để đăng ký trên trang của chúng tôi.",
    ),
    "why.reset": (
        "You get this email because a new password was asked for on our site for this address.",
        "Bạn nhận được email này vì có người yêu cầu đặt mật khẩu mới cho địa chỉ này.",
    ),
    "quotation.subject": ("Your renovation quote: {total}", "Báo giá cải tạo nhà của bạn: {total}"),
    "quotation.subject.furniture": ("Your furniture quote: {total}", "Báo giá nội thất của bạn: {total}"),
    "quotation.preheader": (
        "How the price is made up, and what happens next.",
        "Chi tiết từng khoản và các bước tiếp theo.",
    ),
    "quotation.heading": ("Here is your quote", "Báo giá dành cho bạn"),
    "quotation.opening": (
        "Thank you for your request. This is what your project costs at our current prices.",
        "Cảm ơn bạn đã gửi yêu cầu. Dưới đây là chi phí cho công trình của bạn theo đơn giá hiện hành.",
    ),
    "quotation.opening.furniture": (
        "Thank you for your request. This is what your furniture costs at our current prices.",
        "Cảm ơn bạn đã gửi yêu cầu. Dưới đây là chi phí nội thất của bạn theo đơn giá hiện hành.",
    ),
    "quotation.then": (
        "Together we go through the details, and change what you would like to change.",
        "Chúng ta cùng xem lại từng khoản và điều chỉnh theo ý bạn.",
    ),
    "quotation.finally": (
        "We confirm the price with you before any work begins.",
        "Chúng tôi xác nhận giá với bạn trước khi thi công.",
    ),
    "price.times": ("{amount} × {factor}", "{amount} × {factor}"),
    "price.item": ("Item {number}", "Sản phẩm {number}"),
    "price.each": ("{price}, each", "{price}, mỗi cái"),
    "price.fit_in": ("fit-in {fee}", "lắp đặt {fee}"),
    "price.quantity": ("{label}\u00a0×\u00a0{quantity}", "{label}\u00a0×\u00a0{quantity}"),
    "price.total": ("Total", "Tổng cộng"),
    "confirmation.subject": ("We have your request", "Chúng tôi đã nhận được yêu cầu của bạn"),
    "confirmation.preheader": (
        "We will call you shortly. Here is your reference number.",
        "Chúng tôi sẽ sớm gọi cho bạn. Đây là mã yêu cầu của bạn.",
    ),
    "confirmation.heading": (
        "Thank you. We have your request.",
        "Cảm ơn bạn. Chúng tôi đã nhận được yêu cầu.",
    ),
    "confirmation.opening": (
        "It is safely with us, and we will be in touch soon.",
        "Yêu cầu của bạn đã được lưu lại, chúng tôi sẽ sớm liên hệ với bạn.",
    ),
    "visitor.call": (
        "We call you shortly, on the number you gave us.",
        "Chúng tôi sẽ sớm gọi cho bạn theo số điện thoại bạn đã để lại.",
    ),
    "confirmation.then": (
        "We listen to what you have in mind, and answer your questions.",
        "Chúng tôi lắng nghe mong muốn và giải đáp thắc mắc của bạn.",
    ),
    "confirmation.finally": (
        "If you like, we work out a price. Nothing begins before you have agreed to it.",
        "Nếu bạn muốn, chúng tôi sẽ lập báo giá. Chúng tôi chỉ bắt đầu khi bạn đã đồng ý.",
    ),
    "lead.subject": ("New lead: {source}", "Khách hàng mới: {source}"),
    "lead.subject.priced": ("New lead: {source}, {total}", "Khách hàng mới: {source}, {total}"),
    "lead.preheader": ("Received {received}.", "Nhận lúc {received}."),
    "lead.heading": ("A new lead is waiting", "Có khách hàng mới đang chờ"),
    "lead.opening": (
        "The first minutes decide. Please open it and call.",
        "Những phút đầu tiên rất quan trọng. Hãy mở yêu cầu và gọi cho khách.",
    ),
    "lead.source": ("Source", "Nguồn"),
    "lead.received": ("Received", "Nhận lúc"),
    "lead.price": ("Price", "Giá"),
    "lead.button": ("Open the lead", "Mở yêu cầu"),
    "lead.private": (
        "Name, phone number and message stand on that page only, never in an email.",
        "Tên, số điện thoại và lời nhắn chỉ có trên trang đó, không bao giờ gửi qua email.",
    ),
    "source.CONTACT_FORM": ("Contact form", "Biểu mẫu liên hệ"),
    "source.QUOTE_FORM": ("Quote calculator", "Báo giá cải tạo"),
    "source.FURNITURE_QUOTE": ("Furniture quote", "Báo giá nội thất"),
    "confirm.subject": ("Confirm your email address", "Xác nhận địa chỉ email của bạn"),
    "confirm.preheader": ("One step, and you can sign in.", "Chỉ một bước nữa là bạn có thể đăng nhập."),
    "confirm.heading": ("Welcome to Plumbline", "Chào mừng bạn đến với Plumbline"),
    "confirm.opening": (
        "One step is left: confirm that this address is yours, and you can sign in.",
        "Chỉ còn một bước: hãy xác nhận đây là địa chỉ của bạn, sau đó bạn có thể đăng nhập.",
    ),
    "confirm.button": ("Confirm my address", "Xác nhận địa chỉ"),
    "confirm.not_you": (
        "If you did not sign up, simply ignore this email: without this step nobody can use the account.",
        "Nếu bạn không đăng ký, hãy bỏ qua email này: chưa xác nhận thì không ai dùng được tài khoản.",
    ),
    "exists.subject": ("You already have an account with us", "Bạn đã có tài khoản tại Plumbline"),
    "exists.preheader": (
        "Nothing was changed. You can simply sign in.",
        "Không có gì thay đổi. Bạn chỉ cần đăng nhập.",
    ),
    "exists.heading": ("You already have an account", "Bạn đã có tài khoản"),
    "exists.opening": (
        (
            "Someone, probably you, has just signed up at Plumbline with this address. It has an account"
            " already, so nothing was changed."
        ),
        (
            "Có người, có lẽ là bạn, vừa đăng ký Plumbline bằng địa chỉ này. Địa chỉ đã có tài khoản nên"
            " không có gì thay đổi."
        ),
    ),
    "exists.how": (
        "Sign in with your password. If you have forgotten it, you can choose a new one on the same page.",
        "Hãy đăng nhập bằng mật khẩu của bạn. Nếu quên, bạn có thể đặt mật khẩu mới ngay trên trang đó.",
    ),
    "exists.button": ("Sign in", "Đăng nhập"),
    "exists.not_you": (
        "If it was not you, there is nothing to do: nobody got into your account.",
        "Nếu không phải bạn, bạn không cần làm gì: không ai vào được tài khoản của bạn.",
    ),
    "reset.subject": ("Choose a new password", "Đặt mật khẩu mới"),
    "reset.preheader": (
        "The link is valid for a short time only.",
        "Liên kết chỉ có hiệu lực trong thời gian ngắn.",
    ),
    "reset.heading": ("Choose a new password", "Đặt mật khẩu mới"),
    "reset.opening": (
        (
            "You asked for a new password for your Plumbline account. As soon as you have chosen it, you are"
            " signed out on every device."
        ),
        (
            "Bạn vừa yêu cầu đặt mật khẩu mới cho tài khoản Plumbline. Sau khi đặt xong, tài khoản sẽ được"
            " đăng xuất trên mọi thiết bị."
        ),
    ),
    "reset.button": ("Choose a new password", "Đặt mật khẩu mới"),
    "reset.not_you": (
        "If you did not ask for it, simply ignore this email: your password stays as it is.",
        "Nếu bạn không yêu cầu, hãy bỏ qua email này: mật khẩu của bạn vẫn giữ nguyên.",
    ),
}


def say(language: str, key: str, **values: object) -> str:
    """The sentence *key* in *language*, filled in."""
    return WORDS[key][LANGUAGES.index(language)].format(**values)
