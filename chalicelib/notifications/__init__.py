"""What people are told: in the app, by text message, and by handing a mail over to the e-mail worker."""
