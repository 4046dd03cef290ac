// Sends again, without a press, what its writer had sent when the session had ended.
document.getElementById("unsent").requestSubmit();
